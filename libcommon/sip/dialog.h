/*
 * Dialogs (RFC 3261 section 12): who the two ends are, by which way requests
 * go between them, and whose turn of CSeq it is.
 *
 *	pc_sip_dialog_uac(&d, invite, response_200);
 *	pc_sip_dialog_request(d, &bye, "BYE");
 *	to = the address of pc_sip_dialog_next_hop(d)
 *	pc_sip_ua_send(ua, bye, &to, on_response, me, NULL);
 *	pc_sip_dialog_free(d);
 */
#ifndef PC_SIP_DIALOG_H
#define PC_SIP_DIALOG_H

#include "sip/msg.h"

struct pc_sip_dialog {
	char *call_id, *local_tag, *remote_tag;
	char *local, *remote; /* whole values of our From and our To */
	char *target;         /* the remote target: a URI */
	osip_list_t routes;   /* the route set, osip_route_t, in our order */
	uint32_t local_cseq, remote_cseq;
	bool remote_cseq_known;
};

/*
 * As the caller, from our request and a 101 to 299 response with To tag
 * (12.1.2). 0, -EBADMSG (no Contact or no usable one), -ENOMEM.
 */
int pc_sip_dialog_uac(struct pc_sip_dialog **d, const osip_message_t *request,
		      const osip_message_t *response);

/* As the called, from their request and the tag we answer with (12.1.1). */
int pc_sip_dialog_uas(struct pc_sip_dialog **d, const osip_message_t *request,
		      const char *local_tag);

/*
 * An early dialog of ours is confirmed: the route set and the target are those
 * of the 2xx (13.2.2.4); the CSeqs go on. 0, -EBADMSG or -ENOMEM.
 */
int pc_sip_dialog_confirm(struct pc_sip_dialog *d,
			  const osip_message_t *response);

void pc_sip_dialog_free(struct pc_sip_dialog *d); /* NULL is fine */

/*
 * Build a request in it (12.2.1.1), with strict and loose routes; CSeq goes
 * up by one. 0, -EINVAL or -ENOMEM.
 */
int pc_sip_dialog_request(struct pc_sip_dialog *d, osip_message_t **msg,
			  const char *method);

/* The ACK of a 2xx, with the INVITE's CSeq (13.2.2.4). */
int pc_sip_dialog_ack(const struct pc_sip_dialog *d, osip_message_t **msg,
		      uint32_t cseq);

/*
 * Where its requests go (8.1.2): to the first of the route set, strict or
 * loose, or if that is empty to the remote target. A URI (heap), of which
 * where.h and resolve.h find the addresses; NULL: no memory.
 */
char *pc_sip_dialog_next_hop(const struct pc_sip_dialog *d);

/* Whether a request of theirs is in it: Call-ID and both tags. */
bool pc_sip_dialog_match(const struct pc_sip_dialog *d,
			 const osip_message_t *request);

/* Check and take their CSeq (12.2.2). 0, or -ESTALE: it goes backwards. */
int pc_sip_dialog_cseq(struct pc_sip_dialog *d, const osip_message_t *request);

/* A target refresh (12.2): take the Contact of this message, if any. */
int pc_sip_dialog_refresh(struct pc_sip_dialog *d, const osip_message_t *msg);

#endif
