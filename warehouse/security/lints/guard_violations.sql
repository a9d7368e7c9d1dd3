-- Everything that the guard itself reports.
select v.object, 'error' as level, v.problem,
       'Run the guard again (capstan up applies warehouse/security); if it stays, undo the last change to this object.' as remedy
  from guard.violation v
