import { ui } from '@/strings/ui';
import { Button } from './button';

interface FormActionsProps {
  /** What the form does. */
  action: string;
  isBusy: boolean;
  onCancel: () => void;
}

/** The end of a form in a dialog: leave it, or do what it is for. */
export function FormActions({ action, isBusy, onCancel }: FormActionsProps) {
  return (
    <div className="flex justify-end gap-2">
      <Button onClick={onCancel}>{ui.cancel}</Button>
      <Button type="submit" look="primary" isBusy={isBusy}>
        {action}
      </Button>
    </div>
  );
}
