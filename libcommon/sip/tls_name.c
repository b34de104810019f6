/* The names in a certificate; see tls_name.h. */
#include "sip/tls_name.h"

#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"

/* The text of a name of that kind, or NULL: "sip:DOMAIN" is its domain. */
static const char *text_of(const GENERAL_NAME *n, size_t *len)
{
	const ASN1_IA5STRING *s;
	const char *text;

	if (n->type != GEN_DNS && n->type != GEN_URI)
		return NULL;
	s = n->d.ia5;
	text = (const char *)ASN1_STRING_get0_data(s);
	*len = (size_t)ASN1_STRING_length(s);
	if (memchr(text, '\0', *len))
		return NULL;
	if (n->type == GEN_DNS)
		return text;
	/* 7.1: a URI with a user is a person's, not a domain's */
	if (*len < 5 || strncasecmp(text, "sip:", 4) != 0 ||
	    memchr(text, '@', *len))
		return NULL;
	*len -= 4;
	return text + 4;
}

static bool domain_fits(const char *pattern, size_t len, const char *name,
			bool wildcards)
{
	size_t n = strlen(name);
	const char *dot = strchr(name, '.');

	if (n > 0 && name[n - 1] == '.')
		n--;
	if (len == n && strncasecmp(pattern, name, len) == 0)
		return true;
	return wildcards && dot && len > 3 && strncmp(pattern, "*.", 2) == 0 &&
	       memchr(pattern + 2, '.', len - 2) &&
	       len - 1 == n - (size_t)(dot - name) &&
	       strncasecmp(pattern + 1, dot, len - 1) == 0;
}

/* The last CN of the subject: 1 it fits, 0 it does not. Appended to out. */
static bool subject_fits(X509 *cert, const char *name, bool wildcards,
			 struct pc_buf *out)
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;
	bool fits;
	int len;

	if (at < 0)
		return false;
	len = ASN1_STRING_to_UTF8(
		&text,
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (len < 0)
		return false;
	fits = name && !memchr(text, '\0', (size_t)len) &&
	       domain_fits((char *)text, (size_t)len, name, wildcards);
	if (out)
		pc_buf_add_printable(out, (char *)text, (size_t)len);
	OPENSSL_free(text);
	return fits;
}

bool pc_sip_tls_name_fits(X509 *cert, const char *name, bool wildcards)
{
	GENERAL_NAMES *names;
	bool any = false, fits = false;
	struct pc_addr addr;
	const char *text;
	size_t len;

	if (pc_addr_from_ip(&addr, name, 0) == 0)
		return X509_check_ip_asc(cert, name, 0) == 1;
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		text = text_of(sk_GENERAL_NAME_value(names, i), &len);
		any = any || text;
		fits = fits ||
		       (text && domain_fits(text, len, name, wildcards));
	}
	GENERAL_NAMES_free(names);
	return any ? fits : subject_fits(cert, name, wildcards, NULL);
}

static void add_ip(struct pc_buf *out, const ASN1_OCTET_STRING *ip)
{
	struct pc_addr addr = { .len = 0 };
	char text[PC_ADDR_TEXT];

	if (ASN1_STRING_length(ip) == 4) {
		addr.in.sin_family = AF_INET;
		addr.len = sizeof(addr.in);
		memcpy(&addr.in.sin_addr, ASN1_STRING_get0_data(ip), 4);
	} else if (ASN1_STRING_length(ip) == 16) {
		addr.in6.sin6_family = AF_INET6;
		addr.len = sizeof(addr.in6);
		memcpy(&addr.in6.sin6_addr, ASN1_STRING_get0_data(ip), 16);
	}
	pc_buf_adds(out, pc_addr_ip(&addr, text));
}

void pc_sip_tls_names(X509 *cert, struct pc_buf *out)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t before = out->len, len;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		const char *text = text_of(n, &len);

		if (!text && n->type != GEN_IPADD)
			continue;
		if (out->len > before)
			pc_buf_adds(out, ", ");
		if (text)
			pc_buf_add_printable(out, text, len);
		else
			add_ip(out, n->d.iPAddress);
	}
	GENERAL_NAMES_free(names);
	if (out->len == before)
		subject_fits(cert, NULL, false, out);
	if (out->len == before)
		pc_buf_adds(out, "nobody");
}
