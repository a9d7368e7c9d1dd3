"""Who may sign in to the demo world."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One membership of one person; the same address in two tenants is the same person."""

    email: str
    display_name: str
    tenant: str
    role: str
    investor_ids: tuple[str, ...] = ()


FOUNDER = Person("mara.ellison@orrerygrid.example", "Mara Ellison", "orrery-grid", "founder")
MANAGER = Person("jonas.verhaege@aldersyde.example", "Jonas Verhaege", "aldersyde", "manager")
LP = Person("office@carrowdenne.example", "Carrow & Denne Office", "aldersyde", "lp", ("lp-003",))

PEOPLE: tuple[Person, ...] = (
    FOUNDER,
    Person("noa.brandt@orrerygrid.example", "Noa Brandt", "orrery-grid", "analyst"),
    MANAGER,
    Person("edda.winther@aldersyde.example", "Edda Winther", "aldersyde", "analyst"),
    Person("sam.okoro@aldersyde.example", "Sam Okoro", "aldersyde", "operator"),
    Person("reporting@tolvik.example", "Tolvik Pensjonskasse", "aldersyde", "lp", ("lp-001",)),
    Person("alternatives@maasbrug.example", "Maasbrug Verzekeringen", "aldersyde", "lp", ("lp-002",)),
    LP,
    Person("endowment@haldane.example", "Haldane University Endowment", "aldersyde", "lp", ("lp-007",)),
    Person("ingrid.sorlie@fjordmail.example", "Ingrid Sørlie", "aldersyde", "lp", ("lp-010",)),
    Person("pe@pacificslope.example", "Pacific Slope Teachers", "aldersyde", "lp", ("lp-011",)),
    Person("dana.whitlock@quillmark.example", "Dana Whitlock", "quillmark", "manager"),
    Person("investments@redferncounty.example", "Redfern County Employees", "quillmark", "lp", ("lp-001",)),
    Person("office@carrowdenne.example", "Carrow & Denne Office", "quillmark", "lp", ("lp-003",)),
)
