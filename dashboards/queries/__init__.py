"""The portal's SQL: one module a subject, one function a question.

Every function takes a Reader and the tenant first and returns plain rows; it filters, sorts and pages over
public marts
and computes no metric. `where tenant_id = %s` is for the planner: what may be seen is the database's
decision.
"""
