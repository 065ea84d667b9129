import { meeting as strings } from '@/strings/meeting';
import type { Upload } from '../queries';
import { describeUpload, measureUpload } from '../upload-state';

/** How far a file is, as a bar and in words. */
export function UploadProgress({ upload }: { upload: Upload }) {
  const percent = measureUpload(upload);
  return (
    <div className="flex w-64 max-w-full flex-col gap-2">
      <div
        role="progressbar"
        aria-label={strings.upload.label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        className="h-1.5 overflow-hidden rounded-full bg-hover"
      >
        <div
          className="h-full rounded-full bg-accent transition-[width]"
          style={{ width: `${percent}%` }}
        />
      </div>
      <p className="text-[13px] text-soft tabular-nums">{describeUpload(upload)}</p>
    </div>
  );
}
