import { ApplicationFailure, TimeoutFailure, TimeoutType } from '@temporalio/common';
import type { FailureType } from '../domain/failures';

/** True when `error`, or what it wraps, is the application's failure of that type. */
export function isFailureOfType(error: unknown, type: FailureType): boolean {
  return findApplicationFailure(error)?.type === type;
}

/** The application's failure inside the wrapping that activities and children add, or null. */
export function findApplicationFailure(error: unknown): ApplicationFailure | null {
  let current: unknown = error;
  while (current instanceof Error) {
    if (current instanceof ApplicationFailure) return current;
    current = current.cause;
  }
  return null;
}

/** True when no worker took the activity up in the time that it was given. */
export function wasNeverTakenUp(error: unknown): boolean {
  let current: unknown = error;
  while (current instanceof Error) {
    if (current instanceof TimeoutFailure) {
      return current.timeoutType === TimeoutType.SCHEDULE_TO_START;
    }
    current = current.cause;
  }
  return false;
}
