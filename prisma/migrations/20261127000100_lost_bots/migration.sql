-- Bots that were lost a moment ago keep their slots; these are few among all that ever failed.
CREATE INDEX "bot_attempts_failed_idx" ON "bot_attempts" ("ended_at") WHERE "status" = 'failed' AND "fenced_at" IS NULL;
