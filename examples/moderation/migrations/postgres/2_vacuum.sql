-- How many pending records are skipped is read from the index alone, as long as the table's pages are marked as visible to all. By
-- default, a fifth of the table can be written before the next are.
ALTER TABLE message SET (
    autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02
);
