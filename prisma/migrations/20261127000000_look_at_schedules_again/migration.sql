-- Schedules with several occurrences in 24 hours were taken for ended; one look tells those that are.
UPDATE schedules SET look_again_at = now() WHERE look_again_at IS NULL AND NOT is_paused;
