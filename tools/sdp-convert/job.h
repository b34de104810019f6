/*
 * One description through sdp-convert: read, converted, edited, shown.
 *
 *	struct job job;
 *	job_run(&job, &spec, data, len);
 *	if (job.status == PC_EXIT_OK)
 *		write(job.out);
 *	else
 *		complain(job.error);
 *	job_fini(&job);
 */
#ifndef SDP_CONVERT_JOB_H
#define SDP_CONVERT_JOB_H

#include "base/buf.h"
#include "base/exit.h"
#include "base/json.h"
#include "base/opt.h"
#include "sdp/convert.h"

enum job_show {
	JOB_SDP,      /* the description */
	JOB_CHECK,    /* what is wrong with it */
	JOB_EXPLAIN,  /* what it means */
	JOB_REPORT,   /* what was changed */
	JOB_FRAGMENT, /* what it says of ICE */
	JOB_DIFF,     /* what is not as in another one */
};

/* The same for every description of a run. */
struct job_spec {
	struct pc_sdp_convert how; /* to: PC_SDP_TO_SAME unless it was given */
	enum job_show show;
	bool json;            /* the other form: JSON for SDP, SDP for JSON */
	bool strict, lenient; /* reading */
	bool choosing;        /* codecs, ptime, ...: convert to its own kind */
	struct pc_opt_list set, remove;
	const char *address;
	const struct pc_sdp *before; /* of JOB_DIFF */
};

struct job {
	const struct job_spec *spec;
	struct pc_sdp_convert how;   /* the spec's, with what this one needs */
	struct pc_sdp *sdp;          /* the result; or NULL */
	const struct pc_sdp *before; /* the spec's */
	struct pc_buf out;           /* the product */
	int status;                  /* an exit status */
	struct pc_buf error;         /* why it is not 0: one line */
	struct pc_sdp_error err;     /* the same, if rfc is set */
	json_t *changes;             /* {"change", "before", "after", "why"} */
	unsigned n_changes;
	json_t *findings; /* of --check */
	bool from_json;
	struct { /* where show() is in the sections of before and sdp */
		const struct pc_sdp_section *before, *after;
		int index;
	} walk;
};

/*
 * Run one description. offer, if not NULL, is answered instead of the spec's.
 * Never fails but by job->status.
 */
void job_run(struct job *job, const struct job_spec *spec,
	     const struct pc_sdp *offer, const char *data, size_t len);

/* The same for a description that is JSON (borrowed). */
void job_run_json(struct job *job, const struct job_spec *spec,
		  const struct pc_sdp *offer, const json_t *object);
void job_fini(struct job *job);

#endif
