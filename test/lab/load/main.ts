import { controlServer } from './control.ts';
import { startLoad } from './load.ts';
import { loadSettings } from './settings.ts';

const settings = loadSettings(process.env);
const load = startLoad(settings);
controlServer(load).listen(settings.controlPort);
process.once('SIGTERM', () => process.exit(0));
