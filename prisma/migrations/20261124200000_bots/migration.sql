-- AlterTable
ALTER TABLE "audio_chunks" ADD COLUMN     "spans" JSONB;

-- AlterTable
ALTER TABLE "bot_attempts" ADD COLUMN     "confidence" TEXT,
ADD COLUMN     "signs" JSONB;

-- AlterTable
ALTER TABLE "bot_commands" ADD COLUMN     "detail" TEXT,
ADD COLUMN     "status" TEXT;

-- AlterTable
ALTER TABLE "meetings" ADD COLUMN     "bot_identity_id" INTEGER,
ADD COLUMN     "entry_message" TEXT,
ADD COLUMN     "is_recorded" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "join_token_url" TEXT,
ADD COLUMN     "recording_bytes" INTEGER,
ADD COLUMN     "recording_key" TEXT,
ADD COLUMN     "recording_ms" INTEGER,
ADD COLUMN     "recording_status" TEXT NOT NULL DEFAULT 'none';

-- AlterTable
ALTER TABLE "transcriptions" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "sound_source_id" INTEGER;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "bot_defaults" JSONB;

-- CreateTable
CREATE TABLE "sound_sources" (
    "id" SERIAL NOT NULL,
    "attempt_id" INTEGER NOT NULL,
    "source_key" TEXT NOT NULL,
    "participant_id" INTEGER,

    CONSTRAINT "sound_sources_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempt_evidence" (
    "id" SERIAL NOT NULL,
    "attempt_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "object_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attempt_evidence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recording_parts" (
    "id" SERIAL NOT NULL,
    "attempt_id" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "start_at" TIMESTAMPTZ(3) NOT NULL,
    "end_at" TIMESTAMPTZ(3) NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "object_key" TEXT NOT NULL,

    CONSTRAINT "recording_parts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "speeches" (
    "id" UUID NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "object_key" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "speeches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bot_identities" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "platform" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "state_encrypted" TEXT NOT NULL,
    "allows_parallel" BOOLEAN NOT NULL DEFAULT false,
    "refused_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bot_identities_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sound_sources_participant_id_idx" ON "sound_sources"("participant_id");

-- CreateIndex
CREATE UNIQUE INDEX "sound_sources_attempt_id_source_key_key" ON "sound_sources"("attempt_id", "source_key");

-- CreateIndex
CREATE INDEX "attempt_evidence_created_at_idx" ON "attempt_evidence"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "attempt_evidence_attempt_id_name_key" ON "attempt_evidence"("attempt_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "recording_parts_attempt_id_seq_key" ON "recording_parts"("attempt_id", "seq");

-- CreateIndex
CREATE INDEX "speeches_meeting_id_idx" ON "speeches"("meeting_id");

-- CreateIndex
CREATE UNIQUE INDEX "bot_identities_user_id_name_key" ON "bot_identities"("user_id", "name");

-- CreateIndex
CREATE INDEX "meetings_bot_identity_id_idx" ON "meetings"("bot_identity_id");

-- CreateIndex
CREATE INDEX "transcriptions_sound_source_id_idx" ON "transcriptions"("sound_source_id");

-- AddForeignKey
ALTER TABLE "meetings" ADD CONSTRAINT "meetings_bot_identity_id_fkey" FOREIGN KEY ("bot_identity_id") REFERENCES "bot_identities"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sound_sources" ADD CONSTRAINT "sound_sources_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "bot_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sound_sources" ADD CONSTRAINT "sound_sources_participant_id_fkey" FOREIGN KEY ("participant_id") REFERENCES "participants"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt_evidence" ADD CONSTRAINT "attempt_evidence_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "bot_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recording_parts" ADD CONSTRAINT "recording_parts_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "bot_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "speeches" ADD CONSTRAINT "speeches_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_identities" ADD CONSTRAINT "bot_identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transcriptions" ADD CONSTRAINT "transcriptions_sound_source_id_fkey" FOREIGN KEY ("sound_source_id") REFERENCES "sound_sources"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Rules that Prisma cannot say.
ALTER TABLE "meetings"
  ADD CONSTRAINT "meetings_recording_status_check" CHECK ("recording_status" IN ('none', 'recording', 'assembling', 'ready', 'failed'));

ALTER TABLE "bot_attempts"
  ADD CONSTRAINT "bot_attempts_confidence_check" CHECK ("confidence" IN ('certain', 'likely', 'unknown'));

ALTER TABLE "bot_commands"
  ADD CONSTRAINT "bot_commands_status_check" CHECK ("status" IN ('done', 'failed'));

ALTER TABLE "recording_parts"
  ADD CONSTRAINT "recording_parts_check" CHECK ("seq" >= 1 AND "end_at" >= "start_at");

ALTER TABLE "bot_identities"
  ADD CONSTRAINT "bot_identities_platform_check" CHECK ("platform" IN ('google_meet', 'teams', 'zoom', 'jitsi', 'livekit', 'custom'));
