-- AlterTable
ALTER TABLE "meetings" ADD COLUMN     "is_plan_open" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "plan_revision" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "meetings_scheduled_start_idx" ON "meetings"("scheduled_start");

-- Rules that Prisma cannot say.
ALTER TABLE "meetings"
  ADD CONSTRAINT "meetings_plan_check" CHECK (NOT "is_plan_open" OR "scheduled_start" IS NOT NULL);
