import { TASK_QUEUES } from '../domain/temporal';
import { startWorkers } from './run-workers';

/** Every queue in one process: for a single machine. */
startWorkers(process.env, Object.values(TASK_QUEUES));
