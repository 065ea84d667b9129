-- Where an attempt was posted to: the endpoint's address may have changed since. Null for attempts of before.
ALTER TABLE "webhook_deliveries" ADD COLUMN "url" TEXT;
