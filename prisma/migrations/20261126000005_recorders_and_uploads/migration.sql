-- CreateTable
CREATE TABLE "uploads" (
    "meeting_id" INTEGER NOT NULL,
    "file_name" TEXT,
    "size_bytes" BIGINT NOT NULL,
    "received_bytes" BIGINT NOT NULL DEFAULT 0,
    "status" TEXT NOT NULL DEFAULT 'receiving',
    "duration_ms" INTEGER,
    "decoded_ms" INTEGER NOT NULL DEFAULT 0,
    "percent" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("meeting_id")
);

-- CreateTable
CREATE TABLE "upload_parts" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "start_byte" BIGINT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "object_key" TEXT NOT NULL,

    CONSTRAINT "upload_parts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "uploads_status_updated_at_idx" ON "uploads"("status", "updated_at");

-- CreateIndex
CREATE UNIQUE INDEX "upload_parts_meeting_id_start_byte_key" ON "upload_parts"("meeting_id", "start_byte");

-- CreateIndex
CREATE INDEX "upload_parts_object_key_idx" ON "upload_parts"("object_key");

-- AddForeignKey
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_parts" ADD CONSTRAINT "upload_parts_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "uploads"("meeting_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Rules that Prisma cannot say.
ALTER TABLE "meetings" DROP CONSTRAINT "meetings_platform_check";
ALTER TABLE "meetings"
  ADD CONSTRAINT "meetings_platform_check" CHECK ("platform" IN ('google_meet', 'teams', 'zoom', 'jitsi', 'livekit', 'custom', 'none')),
  ADD CONSTRAINT "meetings_source_platform_check" CHECK (("source" = 'bot') OR ("platform" = 'none'));
ALTER TABLE "uploads"
  ADD CONSTRAINT "uploads_status_check" CHECK ("status" IN ('receiving', 'received', 'decoded', 'failed', 'cancelled')),
  ADD CONSTRAINT "uploads_bytes_check" CHECK ("received_bytes" BETWEEN 0 AND "size_bytes" AND "size_bytes" > 0),
  ADD CONSTRAINT "uploads_percent_check" CHECK ("percent" BETWEEN 0 AND 100);
ALTER TABLE "upload_parts"
  ADD CONSTRAINT "upload_parts_check" CHECK ("start_byte" >= 0 AND "size_bytes" > 0);
