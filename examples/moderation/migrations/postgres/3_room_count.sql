-- Its rows are written with every commit: what they were before is to be cleared away soon.
ALTER TABLE room_count SET (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02
);
-- The number of a state of the toggles is drawn, and goes neither up nor down.
COMMENT ON COLUMN revision.number IS 'another one after each change of a toggle';
