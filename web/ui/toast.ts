import type { ExternalToast } from 'sonner';

type Kind = 'success' | 'error' | 'warning';
interface Toast {
  kind: Kind;
  text: string;
  options: ExternalToast | undefined;
}

const waiting: Toast[] = [];
let show: ((toast: Toast) => void) | null = null;
const listeners = new Set<() => void>();

/** What shows toasts comes with the first one: no page needs it to open. */
function tell(kind: Kind) {
  return (text: string, options?: ExternalToast): void => {
    const toast = { kind, text, options };
    if (show) {
      show(toast);
      return;
    }
    waiting.push(toast);
    for (const listener of listeners) listener();
  };
}

export const toast = { success: tell('success'), error: tell('error'), warning: tell('warning') };

/** For `useSyncExternalStore`: whether a toast waits for its place on the page. */
export const toastsWaiting = {
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  read: (): boolean => waiting.length > 0 || show !== null,
};

/** Shows those that wait, and from now on each as it comes; returns how to end that. */
export function showToasts(shower: (toast: Toast) => void): () => void {
  show = shower;
  for (const each of waiting.splice(0)) shower(each);
  return () => {
    show = null;
  };
}
