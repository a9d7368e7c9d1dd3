"""The currency that an investor wants its whole portfolio told in."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table raw.capstan__investors add column reporting_currency_code text")


def downgrade() -> None:
    raise NotImplementedError("raw tables hold what sources sent; they are dropped with the database only")
