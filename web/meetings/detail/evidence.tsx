'use client';

import { FileText } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '@/api/client';
import { panels } from '@/strings/meeting-panels';
import type { Attempt } from '../queries';

const words = panels.evidence;

type Piece = Attempt['evidence'][number];

/** What a bot saw before its attempt ended: the picture drawn, the rest to be saved. */
export function Evidence({ attempt: { attempt, evidence } }: { attempt: Attempt }) {
  if (evidence.length === 0) return null;
  const pictures = evidence.filter(isPicture);
  const others = evidence.filter((piece) => !isPicture(piece));
  return (
    <div className="flex flex-col gap-2">
      {pictures.map(({ name, url }) => (
        <Picture key={name} path={url} attempt={attempt} />
      ))}
      {others.map(({ name, url }) => (
        <FileLink key={name} path={url} label={words.files[name] ?? words.file(name)} />
      ))}
    </div>
  );
}

const isPicture = ({ contentType }: Piece): boolean => contentType.startsWith('image/');

function Picture({ path, attempt }: { path: string; attempt: number }) {
  const { url } = useApi();
  const [isMissing, setIsMissing] = useState(false);
  if (isMissing) return <p className="text-[13px] text-soft">{words.missing}</p>;
  return (
    <a
      href={url(path)}
      target="_blank"
      rel="noreferrer"
      title={words.enlarge}
      className="block overflow-hidden rounded-lg border bg-hover"
    >
      {/* it loads by itself, let in by the session’s cookie */}
      <img
        src={url(path)}
        alt={words.picture(attempt)}
        loading="lazy"
        decoding="async"
        onError={() => setIsMissing(true)}
        className="aspect-video w-full object-cover object-top"
      />
    </a>
  );
}

function FileLink({ path, label }: { path: string; label: string }) {
  const { url } = useApi();
  return (
    <a
      href={url(path)}
      target="_blank"
      rel="noreferrer"
      className="inline-flex h-6 items-center gap-1.5 self-start text-[13px] text-accent hover:underline"
    >
      <FileText aria-hidden className="size-3.5" />
      {label}
    </a>
  );
}
