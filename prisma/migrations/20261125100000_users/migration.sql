-- AlterTable
ALTER TABLE "users" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "disabled_at" TIMESTAMPTZ(3),
ADD COLUMN     "max_bot_minutes_per_month" INTEGER,
ADD COLUMN     "max_concurrent_bots" INTEGER,
ADD COLUMN     "profile_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "deleted_users" (
    "clerk_id" TEXT NOT NULL,
    "user_id" INTEGER,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deleted_users_pkey" PRIMARY KEY ("clerk_id")
);

-- CreateTable
CREATE TABLE "clerk_deliveries" (
    "svix_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "clerk_deliveries_pkey" PRIMARY KEY ("svix_id")
);

-- CreateTable
CREATE TABLE "kept_usage" (
    "user_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "bot_ms" BIGINT NOT NULL DEFAULT 0,
    "audio_ms" BIGINT NOT NULL DEFAULT 0,
    "whisper_ms" BIGINT NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "kept_usage_pkey" PRIMARY KEY ("user_id","day")
);

-- CreateIndex
CREATE INDEX "users_deleted_at_idx" ON "users"("deleted_at");

-- CreateIndex
CREATE INDEX "clerk_deliveries_received_at_idx" ON "clerk_deliveries"("received_at");

-- AddForeignKey
ALTER TABLE "kept_usage" ADD CONSTRAINT "kept_usage_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Rules that Prisma cannot say.
ALTER TABLE "users"
  ADD CONSTRAINT "users_limits_check" CHECK ("max_concurrent_bots" >= 0 AND "max_bot_minutes_per_month" >= 0);
