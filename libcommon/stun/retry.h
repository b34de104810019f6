/*
 * When to send a request again over UDP (RFC 8489 section 6.2.1).
 *
 *	sent = 1, send(), wait pc_stun_retry_ms(sent)
 *
 *	request  1    2     3     4     5      6      7      give up
 *	at ms    0   500  1500  3500  7500  15500  31500     39500
 */
#ifndef PC_STUN_RETRY_H
#define PC_STUN_RETRY_H

enum {
	PC_STUN_RTO_MS = 500,  /* the first wait; doubles each time */
	PC_STUN_RC = 7,        /* requests in all */
	PC_STUN_RM = 16,       /* the last wait, in first waits */
	PC_STUN_TI_MS = 39500, /* over TCP: sent once, given up then */
};

/*
 * How long to wait after the sent'th request (from 1) before the next, or,
 * after the last, before giving up; 0 when sent is beyond it.
 */
static inline unsigned pc_stun_retry_ms(unsigned sent)
{
	if (sent == 0 || sent > PC_STUN_RC)
		return 0;
	if (sent == PC_STUN_RC)
		return PC_STUN_RM * PC_STUN_RTO_MS;
	return (unsigned)PC_STUN_RTO_MS << (sent - 1);
}

#endif
