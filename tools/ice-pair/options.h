/*
 * Which options of ice-pair go together, and what their values may be.
 */
#ifndef ICE_PAIR_OPTIONS_H
#define ICE_PAIR_OPTIONS_H

#include "app.h"

/* Are the user and the password made of a secret? */
bool options_of_secret(const struct config *cfg);

/*
 * Check all of app->cfg, and say on stderr what is wrong.
 *   ice  receives the port range
 * 0 or -EINVAL.
 */
int options_check(const struct app *app, struct ice_config *ice);

#endif
