/** The project's version; a test compares it with package.json. */
export const VERSION = '0.1.0';

/** Image of the steps where neither the sidecar's environment nor the command line names one. */
export const STEP_IMAGE = `argocd-lifecycle-plugin:${VERSION}`;
