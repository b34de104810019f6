/* The table of --stats; see table.h. */
#include "table.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/home.h"
#include "net.h"

struct table {
	struct pc_buf out;
	unsigned lines, widest;
	unsigned cols, rows; /* of the terminal; 0: no limit */
	int name_width;
};

/* What is wider than the terminal is cut: a row that wraps is two lines. */
static void end_row(struct table *t, struct pc_buf *row)
{
	while (row->len > 0 && row->data[row->len - 1] == ' ')
		row->len--;
	if (t->cols && row->len > t->cols)
		row->len = t->cols;
	if (row->len > t->widest)
		t->widest = (unsigned)row->len;
	pc_buf_add(&t->out, row->data, row->len);
	pc_buf_adds(&t->out, "\n");
	t->lines++;
	t->out.oom |= row->oom;
	row->len = 0;
}

static void add_leg(struct table *t, struct pc_buf *row, struct leg *leg)
{
	pc_buf_printf(row, "%-*s ", t->name_width, leg->name);
	if (leg->kind->net)
		net_table(leg->kind->net(leg), row);
	else
		pc_buf_printf(row, "%-12s -",
			      leg->kind->tick || leg->kind->frame ? "pcm"
								  : "-");
	end_row(t, row);
}

static void add_rows(struct table *t, struct bridge *b)
{
	struct pc_buf row = { 0 };
	unsigned n = 0, left;

	t->name_width = 3;
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i]) {
			int len = (int)strlen(b->legs[i]->name);

			n++;
			if (len > t->name_width)
				t->name_width = len;
		}
	pc_buf_printf(&row, "%-*s ", t->name_width, "leg");
	net_table(NULL, &row);
	end_row(t, &row);
	left = n;
	for (int i = 0; i < LEGS_MAX && left > 0; i++) {
		/* the cursor needs a line, and what follows another */
		if (t->rows && t->lines + 2 >= t->rows && left > 1)
			break;
		if (!b->legs[i])
			continue;
		add_leg(t, &row, b->legs[i]);
		left--;
	}
	if (left > 0) {
		pc_buf_printf(&row, "and %u more", left);
		end_row(t, &row);
	}
	pc_buf_fini(&row);
}

void table_draw(struct bridge *b, bool last)
{
	int fd = pc_home_fd(2);
	bool terminal = isatty(fd);
	struct winsize size = { 0 };
	struct table t = { 0 };

	if (!b->cfg.stats || !b->up || (!terminal && !last))
		return;
	if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0) {
		t.cols = size.ws_col;
		t.rows = size.ws_row;
	}
	/*
	 * Not over what was said since, nor where the terminal may have made
	 * more lines of the last one than it had: then below.
	 */
	if (terminal && b->table.lines && b->table.said == pc_home->said &&
	    (!t.cols || b->table.widest <= t.cols) &&
	    (!t.rows || b->table.lines < t.rows))
		pc_buf_printf(&t.out, "\033[%uA\033[J", b->table.lines);
	add_rows(&t, b);
	if (!t.out.oom)
		pc_log_raw(t.out.data, t.out.len);
	pc_buf_fini(&t.out);
	b->table.lines = t.lines;
	b->table.widest = t.widest;
	b->table.said = pc_home->said;
}

static void on_resized(int signo, void *arg)
{
	struct bridge *b = arg;

	(void)signo;
	if (b->second) /* not over yet */
		table_draw(b, false);
}

int table_follow(struct bridge *b)
{
	if (!b->cfg.stats || !isatty(pc_home_fd(2)))
		return 0;
	return pc_loop_signal(b->tool.loop, SIGWINCH, on_resized, b);
}
