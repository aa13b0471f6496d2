/**
 * The only configuration that git reads in a mirror; written by the generator, never by a clone. Objects are checked as they come in.
 * Two warts of old histories, which do no harm, are let through. Redirects would lead out of what is allowed.
 */
export const MIRROR_CONFIG = `[core]
	repositoryformatversion = 0
	bare = true
	fsmonitor = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	excludesFile = /dev/null
	askPass =
[fetch]
	fsckObjects = true
	recurseSubmodules = false
	unpackLimit = 1
	writeCommitGraph = false
[fetch "fsck"]
	zeroPaddedFilemode = ignore
	badTimezone = ignore
[transfer]
	fsckObjects = true
[gc]
	auto = 0
[maintenance]
	auto = false
[http]
	followRedirects = false
[credential]
	helper =
[protocol "ext"]
	allow = never
[protocol "file"]
	allow = never
[submodule]
	recurse = false
`;
