-- CreateTable
CREATE TABLE "schedules" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "title" TEXT,
    "platform" TEXT NOT NULL,
    "platform_meeting_id" TEXT NOT NULL,
    "meeting_url" TEXT NOT NULL,
    "passcode_encrypted" TEXT,
    "bot_name" TEXT NOT NULL,
    "language" TEXT,
    "leave_policy" JSONB NOT NULL,
    "entry_message" TEXT,
    "is_recorded" BOOLEAN NOT NULL DEFAULT false,
    "bot_identity_id" INTEGER,
    "join_token_url" TEXT,
    "rrule" TEXT,
    "cron" TEXT,
    "time_zone" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3),
    "skip_dates" TEXT[] NOT NULL DEFAULT '{}',
    "is_calendar" BOOLEAN NOT NULL,
    "is_paused" BOOLEAN NOT NULL DEFAULT false,
    "looked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "look_again_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schedules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "schedule_exceptions" (
    "schedule_id" INTEGER NOT NULL,
    "occurrence_start" TIMESTAMPTZ(3) NOT NULL,
    "moved_to" TIMESTAMPTZ(3),

    CONSTRAINT "schedule_exceptions_pkey" PRIMARY KEY ("schedule_id","occurrence_start")
);

-- AlterTable
ALTER TABLE "meetings" ADD COLUMN     "occurrence_start" TIMESTAMPTZ(3),
ADD COLUMN     "schedule_id" INTEGER;

-- CreateIndex
CREATE INDEX "schedules_user_id_id_idx" ON "schedules"("user_id", "id" DESC);

-- CreateIndex
CREATE INDEX "schedules_look_again_at_idx" ON "schedules"("look_again_at");

-- CreateIndex
CREATE INDEX "schedules_bot_identity_id_idx" ON "schedules"("bot_identity_id");

-- CreateIndex
CREATE UNIQUE INDEX "meetings_schedule_id_occurrence_start_key" ON "meetings"("schedule_id", "occurrence_start");

-- AddForeignKey
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_bot_identity_id_fkey" FOREIGN KEY ("bot_identity_id") REFERENCES "bot_identities"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "schedule_exceptions" ADD CONSTRAINT "schedule_exceptions_schedule_id_fkey" FOREIGN KEY ("schedule_id") REFERENCES "schedules"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meetings" ADD CONSTRAINT "meetings_schedule_id_fkey" FOREIGN KEY ("schedule_id") REFERENCES "schedules"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Rules that Prisma cannot say.
ALTER TABLE "schedules"
  ADD CONSTRAINT "schedules_rule_check" CHECK (("rrule" IS NULL) <> ("cron" IS NULL)),
  ADD CONSTRAINT "schedules_end_check" CHECK ("ends_at" > "starts_at");
