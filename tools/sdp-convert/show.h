/*
 * What sdp-convert prints of a description: itself, its JSON, what is wrong
 * with it, what was changed.
 *
 *	show(job);     job->out, and job->status for --check
 */
#ifndef SDP_CONVERT_SHOW_H
#define SDP_CONVERT_SHOW_H

#include "job.h"

void show(struct job *job);

#endif
