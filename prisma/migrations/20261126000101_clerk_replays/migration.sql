-- AlterTable
ALTER TABLE "clerk_deliveries" ADD COLUMN "signed_at" TIMESTAMPTZ(3);
UPDATE "clerk_deliveries" SET "signed_at" = "received_at";
ALTER TABLE "clerk_deliveries" ALTER COLUMN "signed_at" SET NOT NULL;
