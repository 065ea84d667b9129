import { ui } from '@/strings/ui';
import { toast } from '@/ui/toast';

/** Puts a text into the clipboard and says whether that worked. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.success(ui.copied);
  } catch {
    toast.error(ui.copyFailed);
  }
}
