-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "users" (
    "id" SERIAL NOT NULL,
    "clerk_id" TEXT NOT NULL,
    "email" TEXT,
    "full_name" TEXT,
    "avatar_url" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "meetings" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "title" TEXT,
    "platform" TEXT NOT NULL,
    "platform_meeting_id" TEXT,
    "meeting_url" TEXT,
    "passcode_encrypted" TEXT,
    "bot_name" TEXT NOT NULL,
    "language" TEXT,
    "leave_policy" JSONB NOT NULL,
    "source" TEXT NOT NULL DEFAULT 'bot',
    "scheduled_start" TIMESTAMPTZ(3),
    "actual_start" TIMESTAMPTZ(3),
    "actual_end" TIMESTAMPTZ(3),
    "clock_origin" TIMESTAMPTZ(3),
    "status" TEXT NOT NULL DEFAULT 'created',
    "bot_status" TEXT NOT NULL DEFAULT 'none',
    "reason" TEXT,
    "recording_url" TEXT,
    "transcript_version" INTEGER NOT NULL DEFAULT 1,
    "projected_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "meetings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "meeting_cursors" (
    "meeting_id" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "meeting_cursors_pkey" PRIMARY KEY ("meeting_id")
);

-- CreateTable
CREATE TABLE "meeting_intakes" (
    "meeting_id" INTEGER NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "meeting_intakes_pkey" PRIMARY KEY ("meeting_id")
);

-- CreateTable
CREATE TABLE "participants" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "participant_key" TEXT NOT NULL,
    "name" TEXT,
    "email" TEXT,
    "role" TEXT NOT NULL DEFAULT 'guest',
    "join_time" TIMESTAMPTZ(3),
    "leave_time" TIMESTAMPTZ(3),

    CONSTRAINT "participants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bot_attempts" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "launch_id" UUID NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'launching',
    "reason" TEXT,
    "detail" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "joined_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "fenced_at" TIMESTAMPTZ(3),
    "last_heartbeat_at" TIMESTAMPTZ(3),
    "heartbeat" JSONB,
    "last_seqs" JSONB,
    "last_report_seq" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "bot_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bot_commands" (
    "id" SERIAL NOT NULL,
    "attempt_id" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "command" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledged_at" TIMESTAMPTZ(3),

    CONSTRAINT "bot_commands_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audio_chunks" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "attempt_id" INTEGER NOT NULL,
    "track" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "participant_id" INTEGER,
    "start_ms" INTEGER NOT NULL,
    "end_ms" INTEGER NOT NULL,
    "captured_at" TIMESTAMPTZ(3) NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "object_key" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "failure_reason" TEXT,
    "failed_attempts" INTEGER NOT NULL DEFAULT 0,
    "dropped" JSONB,
    "acknowledged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "audio_chunks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "transcriptions" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "participant_id" INTEGER,
    "chunk_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "timestamp_ms" INTEGER NOT NULL,
    "end_ms" INTEGER NOT NULL,
    "language" TEXT,
    "confidence" DOUBLE PRECISION,
    "words" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "transcriptions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "meeting_events" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "dedupe_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "meeting_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "intents" (
    "id" UUID NOT NULL,
    "user_id" INTEGER NOT NULL,
    "meeting_id" INTEGER,
    "kind" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "body_hash" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "answer_status" INTEGER,
    "answer" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "carried_out_at" TIMESTAMPTZ(3),

    CONSTRAINT "intents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "analysis_results" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "analysis_type" TEXT NOT NULL DEFAULT 'meeting',
    "run" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'running',
    "provider" TEXT,
    "model" TEXT,
    "transcript_version" INTEGER NOT NULL,
    "result_data" JSONB,
    "parts" JSONB,
    "dropped_claims" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" INTEGER NOT NULL DEFAULT 0,
    "output_tokens" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "analysis_results_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deletion_receipts" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    "swept_at" TIMESTAMPTZ(3),
    "counts" JSONB,

    CONSTRAINT "deletion_receipts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_clerk_id_key" ON "users"("clerk_id");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "meetings_user_id_id_idx" ON "meetings"("user_id", "id" DESC);

-- CreateIndex
CREATE INDEX "meetings_status_idx" ON "meetings"("status");

-- CreateIndex
CREATE UNIQUE INDEX "participants_meeting_id_participant_key_key" ON "participants"("meeting_id", "participant_key");

-- CreateIndex
CREATE UNIQUE INDEX "bot_attempts_launch_id_key" ON "bot_attempts"("launch_id");

-- CreateIndex
CREATE UNIQUE INDEX "bot_attempts_meeting_id_attempt_key" ON "bot_attempts"("meeting_id", "attempt");

-- CreateIndex
CREATE UNIQUE INDEX "bot_commands_attempt_id_seq_key" ON "bot_commands"("attempt_id", "seq");

-- CreateIndex
CREATE INDEX "audio_chunks_meeting_id_start_ms_idx" ON "audio_chunks"("meeting_id", "start_ms");

-- CreateIndex
CREATE UNIQUE INDEX "audio_chunks_attempt_id_track_seq_key" ON "audio_chunks"("attempt_id", "track", "seq");

-- CreateIndex
CREATE INDEX "transcriptions_meeting_id_version_timestamp_ms_idx" ON "transcriptions"("meeting_id", "version", "timestamp_ms");

-- CreateIndex
CREATE INDEX "audio_chunks_participant_id_idx" ON "audio_chunks"("participant_id");

-- CreateIndex
CREATE INDEX "audio_chunks_object_key_idx" ON "audio_chunks"("object_key");

-- CreateIndex
CREATE INDEX "transcriptions_participant_id_idx" ON "transcriptions"("participant_id");

-- CreateIndex
CREATE UNIQUE INDEX "transcriptions_chunk_id_version_index_key" ON "transcriptions"("chunk_id", "version", "index");

-- CreateIndex
CREATE UNIQUE INDEX "transcriptions_meeting_id_seq_key" ON "transcriptions"("meeting_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "meeting_events_meeting_id_seq_key" ON "meeting_events"("meeting_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "meeting_events_meeting_id_dedupe_key_key" ON "meeting_events"("meeting_id", "dedupe_key");

-- CreateIndex
CREATE INDEX "intents_meeting_id_idx" ON "intents"("meeting_id");

-- CreateIndex
CREATE UNIQUE INDEX "intents_user_id_idempotency_key_key" ON "intents"("user_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "analysis_results_meeting_id_analysis_type_run_key" ON "analysis_results"("meeting_id", "analysis_type", "run");

-- CreateIndex
CREATE UNIQUE INDEX "deletion_receipts_meeting_id_key" ON "deletion_receipts"("meeting_id");

-- AddForeignKey
ALTER TABLE "meetings" ADD CONSTRAINT "meetings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meeting_cursors" ADD CONSTRAINT "meeting_cursors_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meeting_intakes" ADD CONSTRAINT "meeting_intakes_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "participants" ADD CONSTRAINT "participants_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_attempts" ADD CONSTRAINT "bot_attempts_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_commands" ADD CONSTRAINT "bot_commands_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "bot_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audio_chunks" ADD CONSTRAINT "audio_chunks_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audio_chunks" ADD CONSTRAINT "audio_chunks_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "bot_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audio_chunks" ADD CONSTRAINT "audio_chunks_participant_id_fkey" FOREIGN KEY ("participant_id") REFERENCES "participants"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transcriptions" ADD CONSTRAINT "transcriptions_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transcriptions" ADD CONSTRAINT "transcriptions_participant_id_fkey" FOREIGN KEY ("participant_id") REFERENCES "participants"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transcriptions" ADD CONSTRAINT "transcriptions_chunk_id_fkey" FOREIGN KEY ("chunk_id") REFERENCES "audio_chunks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meeting_events" ADD CONSTRAINT "meeting_events_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "intents" ADD CONSTRAINT "intents_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "intents" ADD CONSTRAINT "intents_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "analysis_results" ADD CONSTRAINT "analysis_results_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;




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
-- Attempts whose bots should be heard now, for telling a lost bot from an outage of ours.
CREATE INDEX "bot_attempts_live_idx" ON "bot_attempts" ("meeting_id") WHERE "fenced_at" IS NULL AND "status" NOT IN ('ended', 'failed');
-- Intents that reconciliation still has to look at.
CREATE INDEX "intents_open_idx" ON "intents" ("created_at") WHERE "status" IN ('pending', 'sent');
-- Deleted meetings that still have rows.
CREATE INDEX "meetings_deleted_idx" ON "meetings" ("deleted_at") WHERE "deleted_at" IS NOT NULL;
