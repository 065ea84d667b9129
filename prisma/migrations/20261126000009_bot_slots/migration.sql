-- AlterTable
ALTER TABLE "bot_attempts" ADD COLUMN     "slot_asked_at" TIMESTAMPTZ(3),
ADD COLUMN     "slot_granted_at" TIMESTAMPTZ(3),
ADD COLUMN     "slot_seen_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "meetings" ADD COLUMN     "bot_queue_place" INTEGER;

-- Whose users were served last, for taking turns.
CREATE INDEX "bot_attempts_granted_idx" ON "bot_attempts" ("slot_granted_at", "meeting_id") WHERE "slot_granted_at" IS NOT NULL;
