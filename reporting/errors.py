"""The exceptions of the reporting package. Each message says what was tried and what to do next."""


class ReportingError(Exception):
    """A report could not be made, queued or sent; the message explains it to a person."""


class UnknownReport(ReportingError):
    """No report has this name."""


class InvalidPeriod(ReportingError):
    """A period is not written as the report needs it, such as 2026Q3."""


class NothingToReport(ReportingError):
    """The recipient has nothing in this period, or the period is not complete; the report is held."""


class UnsafeAddress(ReportingError):
    """An address is not exactly one plain e-mail address; nothing is sent to it."""


class MailRefused(ReportingError):
    """The mail server refused the message for good; trying again cannot help."""


class MailUnavailable(ReportingError):
    """The mail server could not take the message now; it is tried again later."""
