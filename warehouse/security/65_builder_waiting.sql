-- How a deploy takes a table that readers hold. Whoever waits for an exclusive lock makes everybody queue who comes after;
-- a builder therefore waits in short attempts and lets the readers pass in between. dbt's macros call guard.take_over
-- right before they replace or alter a served table; refreshes of rows never need it.
--
-- An attempt lasts as long as lock_timeout says, or half a second where the role has none. The builder gives up after
-- capstan.lock_patience (alter database capstan set capstan.lock_patience = '10min'), or 150 s: longer than the 120 s after which
-- the server ends a reader's session that idles in a transaction.

-- Sessions that hold a lock of a relation, for the message of who gives up. Definer: nobody else sees the locks of others.
create or replace function guard.holders_of(p_table regclass) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select string_agg(format('process %s (%s, %s, transaction since %s)', a.pid, a.usename, a.state,
                           to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')), '; ' order by a.xact_start)
    from pg_stat_activity a
   where a.pid <> pg_backend_pid()
     and exists (select 1 from pg_locks l where l.pid = a.pid and l.granted and l.relation = p_table
                    and l.database = (select d.oid from pg_database d where d.datname = current_database())) $$;

-- Locks the table for this transaction alone, or raises 55P03 with what to do.
create or replace function guard.take_over(p_table regclass) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp as $$
declare
  attempt constant text := coalesce(nullif(current_setting('lock_timeout'), '0'), '500ms');
  patience constant interval := coalesce(nullif(current_setting('capstan.lock_patience', true), ''), '150s');
  give_up_at constant timestamptz := clock_timestamp() + patience;
  pause double precision := 0.5;
  holders text;
begin
  perform set_config('lock_timeout', attempt, true);
  loop
    begin
      execute format('lock table %s in access exclusive mode', p_table);
      return;
    exception when lock_not_available then
      if clock_timestamp() >= give_up_at then
        holders := guard.holders_of(p_table);
        raise exception using errcode = '55P03',
          message = format('%s is still being read after %s: %s', p_table, patience, coalesce(holders, 'readers took turns')),
          hint = 'End that session or let it finish, then deploy again; nothing of this table was changed.';
      end if;
    end;
    perform pg_sleep(pause);
    pause := least(2 * pause, 5);
  end loop;
end $$;

revoke all on function guard.holders_of(regclass), guard.take_over(regclass) from public;
grant execute on function guard.holders_of(regclass), guard.take_over(regclass) to dbt_builder;
-- To pause between attempts; readers may not sleep.
grant execute on function pg_catalog.pg_sleep(double precision) to dbt_builder;
