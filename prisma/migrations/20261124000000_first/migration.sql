

-- Rules that Prisma's schema cannot say.
ALTER TABLE "meetings"
  ADD CONSTRAINT "meetings_status_check" CHECK ("status" IN ('created', 'scheduled', 'joining', 'live', 'processing', 'completed', 'failed', 'cancelled')),
  ADD CONSTRAINT "meetings_bot_status_check" CHECK ("bot_status" IN ('none', 'launching', 'joining', 'waiting_room', 'in_meeting', 'leaving', 'ended', 'failed')),
  ADD CONSTRAINT "meetings_platform_check" CHECK ("platform" IN ('google_meet', 'teams', 'zoom', 'jitsi', 'livekit', 'custom')),
  ADD CONSTRAINT "meetings_source_check" CHECK ("source" IN ('bot', 'recorder', 'upload'));

ALTER TABLE "bot_attempts"
  ADD CONSTRAINT "bot_attempts_status_check" CHECK ("status" IN ('launching', 'joining', 'waiting_room', 'in_meeting', 'leaving', 'ended', 'failed')),
  ADD CONSTRAINT "bot_attempts_attempt_check" CHECK ("attempt" >= 1);

ALTER TABLE "audio_chunks"
  ADD CONSTRAINT "audio_chunks_status_check" CHECK ("status" IN ('pending', 'done', 'failed')),
  ADD CONSTRAINT "audio_chunks_span_check" CHECK ("start_ms" >= 0 AND "end_ms" > "start_ms"),
  ADD CONSTRAINT "audio_chunks_done_check" CHECK (("status" = 'done') = ("done_at" IS NOT NULL));

ALTER TABLE "transcriptions"
  ADD CONSTRAINT "transcriptions_span_check" CHECK ("timestamp_ms" >= 0 AND "end_ms" >= "timestamp_ms");

ALTER TABLE "intents"
  ADD CONSTRAINT "intents_status_check" CHECK ("status" IN ('pending', 'sent', 'carried_out', 'refused'));

ALTER TABLE "analysis_results"
  ADD CONSTRAINT "analysis_results_status_check" CHECK ("status" IN ('running', 'completed', 'failed'));

-- The inbox of transcription: what is still to be done, in the order it arrived.
CREATE INDEX "audio_chunks_pending_idx" ON "audio_chunks" ("meeting_id", "id") WHERE "status" = 'pending';
-- Intents that reconciliation still has to look at.
CREATE INDEX "intents_open_idx" ON "intents" ("created_at") WHERE "status" IN ('pending', 'sent');
-- Deleted meetings that still have rows.
CREATE INDEX "meetings_deleted_idx" ON "meetings" ("deleted_at") WHERE "deleted_at" IS NOT NULL;
