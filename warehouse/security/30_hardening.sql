-- Takes from PUBLIC what lets one session reach, disturb, signal or measure another, and caps what readers may use.
-- Run by the installer after 25_violation.sql; safe to run again. On a managed server where the installer does not own the
-- core functions the revokes warn and change nothing; guard.violation then names what is left open.

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and (
      p.proname ~ '^(lo_|loread|lowrite|pg_advisory|pg_try_advisory|pg_sleep|pg_stat_get_|pg_stat_reset|pg_stat_clear)'
      or p.proname in ('pg_terminate_backend', 'pg_cancel_backend', 'pg_notify', 'pg_lock_status', 'pg_prepared_xact',
        'pg_export_snapshot', 'pg_get_backend_memory_contexts', 'pg_log_backend_memory_contexts', 'pg_blocking_pids',
        'pg_safe_snapshot_blocking_pids', 'pg_isolation_test_session_is_blocked', 'pg_listening_channels',
        'pg_notification_queue_usage', 'pg_relation_size', 'pg_total_relation_size', 'pg_table_size', 'pg_indexes_size',
        'pg_database_size', 'pg_tablespace_size', 'pg_column_toast_chunk_id', 'pg_get_wait_events',
        'query_to_xml', 'query_to_xmlschema', 'query_to_xml_and_xmlschema', 'cursor_to_xml', 'cursor_to_xmlschema',
        'table_to_xml', 'table_to_xmlschema', 'table_to_xml_and_xmlschema', 'schema_to_xml', 'schema_to_xmlschema',
        'schema_to_xml_and_xmlschema', 'database_to_xml', 'database_to_xmlschema', 'database_to_xml_and_xmlschema', 'ts_stat',
        'ts_rewrite', 'brin_summarize_new_values', 'brin_summarize_range', 'brin_desummarize_range',
        'gin_clean_pending_list', 'pg_sequence_last_value', 'pg_get_sequence_data',
        'pg_logical_emit_message',       -- writes to the disk, also from a read-only transaction
        'currtid2'))                     -- finds rows and pages of a table by their address, whatever policies say
  loop
    execute format('revoke execute on function %s from public', f);
    -- Those who build and load serialise their own work, and dbt cancels its own queries.
    if f::text ~ '^(pg_advisory|pg_try_advisory)' then
      execute format('grant execute on function %s to dbt_builder, loader, control_app', f);
    elsif f::text ~ '^(pg_terminate_backend|pg_cancel_backend)' then
      execute format('grant execute on function %s to dbt_builder', f);
    elsif f::text ~ '^(pg_relation_size|pg_total_relation_size|pg_table_size|pg_indexes_size|pg_stat_get_)' then
      execute format('grant execute on function %s to dbt_builder', f);
    end if;
  end loop;
end $$;

-- No procedural code of readers' own. What exists keeps running: USAGE is asked only when code is written.
revoke usage on language plpgsql from public;
grant usage on language plpgsql to dbt_builder;

-- Catalogues that show sizes, other sessions or values.
do $$
declare v regclass;
begin
  for v in select c.oid::regclass from pg_class c where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'v'
      and (c.relname ~ '^pg_(stat|statio)_' or c.relname in ('pg_stats', 'pg_stats_ext', 'pg_stats_ext_exprs', 'pg_locks',
           'pg_prepared_xacts', 'pg_backend_memory_contexts', 'pg_shmem_allocations', 'pg_replication_slots',
           'pg_replication_origin_status', 'pg_publication_tables', 'pg_hba_file_rules', 'pg_file_settings',
           'pg_ident_file_mappings', 'pg_sequences', 'pg_aios', 'pg_wait_events')) loop
    execute format('revoke all on %s from public', v);
  end loop;
end $$;
grant select on pg_catalog.pg_stats to dbt_builder;

-- Connection caps, and limits that a session cannot raise itself.
alter role gp_reader connection limit 40;
alter role lp_reader connection limit 40;
alter role loader connection limit 20;
alter role token_issuer connection limit 20;
select guard.limit_reader(rolname) from guard.reader_role;
