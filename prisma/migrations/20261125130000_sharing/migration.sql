-- Indexes over a number and words at once; ships with PostgreSQL, and a database's owner may make it.
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- Every word of every language is kept, without the endings of English. No stop words: people also
-- search for "who was it", and what is a stop word in one language is none in another.
CREATE TEXT SEARCH DICTIONARY "spoken_stem" (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION "spoken" (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION "spoken"
  ALTER MAPPING FOR asciiword, word, asciihword, hword, hword_asciipart, hword_part WITH "spoken_stem";

-- AlterTable
-- Small letters by Unicode's rules, whatever locale the database was made with.
ALTER TABLE "transcriptions"
  ADD COLUMN "search" tsvector
  GENERATED ALWAYS AS (to_tsvector('spoken'::regconfig, lower("text" COLLATE "und-x-icu"))) STORED;

-- CreateTable
CREATE TABLE "share_links" (
    "id" SERIAL NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "token_sha256" TEXT NOT NULL,
    "emails" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "last_viewed_at" TIMESTAMPTZ(3),
    "views" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "share_links_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "share_links_token_sha256_key" ON "share_links"("token_sha256");

-- CreateIndex
CREATE INDEX "share_links_meeting_id_id_idx" ON "share_links"("meeting_id", "id" DESC);

-- CreateIndex
-- Without the list of pending entries: a segment's insert never has to sort in those of others.
CREATE INDEX "transcriptions_meeting_id_search_idx" ON "transcriptions" USING GIN ("meeting_id" int4_ops, "search" tsvector_ops) WITH (fastupdate = off);

-- AddForeignKey
ALTER TABLE "share_links" ADD CONSTRAINT "share_links_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Rules that Prisma cannot say.
ALTER TABLE "share_links"
  ADD CONSTRAINT "share_links_views_check" CHECK ("views" >= 0),
  ADD CONSTRAINT "share_links_expiry_check" CHECK ("expires_at" > "created_at");
