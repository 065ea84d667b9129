'use client';

import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { panels } from '@/strings/meeting-panels';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Select } from '@/ui/select';
import { Switch } from '@/ui/switch';

const words = panels.export;

type Format = keyof typeof words.formats;

const FORMATS = (Object.keys(words.formats) as Format[]).map((value) => ({
  value,
  label: words.formats[value],
}));
/** Subtitles always have times. */
const TIMED: readonly Format[] = ['srt', 'vtt'];

export interface MeetingDialogProps {
  meetingId: number;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

export function ExportDialog({ meetingId, isOpen, onOpenChange }: MeetingDialogProps) {
  const { client } = useApi();
  const [format, setFormat] = useState<Format>('docx');
  const [times, setTimes] = useState(true);
  const [speakers, setSpeakers] = useState(true);
  const download = useMutation({
    mutationFn: async () => {
      const query = { format, times: asText(times), speakers: asText(speakers) };
      const answer = await client.GET('/api/meetings/{id}/export', {
        params: { path: { id: meetingId }, query },
        parseAs: 'blob',
      });
      const fallback = `meeting-${meetingId}.${format}`;
      save(take(answer) as unknown, readFileName(answer.response) ?? fallback);
    },
    onSuccess: () => onOpenChange(false),
  });
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={words.title}
      description={words.text}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          download.mutate();
        }}
      >
        <Field
          label={words.format}
          error={download.isError ? summariseProblem(download.error) : undefined}
        >
          {(control) => (
            <Select {...control} value={format} onChange={setFormat} options={FORMATS} />
          )}
        </Field>
        {!TIMED.includes(format) && <Choice label={words.times} isOn={times} onChange={setTimes} />}
        <Choice label={words.speakers} isOn={speakers} onChange={setSpeakers} />
        <Button type="submit" look="primary" isBusy={download.isPending} className="self-end">
          {!download.isPending && <Download aria-hidden />}
          {download.isPending ? words.busy : words.action}
        </Button>
      </form>
    </Dialog>
  );
}

const asText = (isOn: boolean): 'true' | 'false' => (isOn ? 'true' : 'false');

interface ChoiceProps {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

function Choice({ label, isOn, onChange }: ChoiceProps) {
  return (
    <label className="flex items-center justify-between gap-4 text-[13px] font-medium">
      {label}
      <Switch isOn={isOn} onChange={onChange} />
    </label>
  );
}

/** The name that the API gives the file. */
function readFileName(response: Response): string | null {
  const header = response.headers.get('content-disposition') ?? '';
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="?([^";]+)/i.exec(header)?.[1] ?? null;
}

function save(content: unknown, name: string): void {
  if (!(content instanceof Blob)) throw new Error('Expected a file');
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
