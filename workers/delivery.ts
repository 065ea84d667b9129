import { TASK_QUEUES } from '../domain/temporal';
import { startWorkers } from './run-workers';

startWorkers(process.env, [TASK_QUEUES.delivery]);
