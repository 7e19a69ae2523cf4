/* What the tags query of C must find, and what it must leave alone. */
#include <stdio.h>
#define LIMIT 3
#define COPY(to, from) strcpy(to, from)
#define DEFINE_THING(x) \
	struct thing x = { helper(1) }

struct forward;
typedef int (*callback_t)(int);
typedef const char (*const table_t)[LIMIT];
typedef struct { int x; } point_t, *point_ptr;
typedef enum color { RED, GREEN = 2 } color_t;

struct state {
	int (*open)(struct inode *, int);
	unsigned bits:3, more;
	struct { int z; } inner;
	char name[LIMIT], *text, **list;
} __packed;

union value {
	int i;
	float f;
};

extern int announced(int), *also(void);
extern struct state *shared;
static const struct state first = { .open = helper, }, second;
static int table[LIMIT] __read_mostly = { [0] = 1 }, *pointer;
static int (*handler)(void);
static DEFINE_MUTEX(lock);
LIST_HEAD(list);
DEFINE_PER_CPU(struct state, per_cpu_state);
__printf(1, 2) int printing(const char *format, ...);
EXPORT_SYMBOL(announced);

static int __init start(void)
{
	int local = announced(LIMIT);
	struct state *s = &first;

	list_for_each(p, list) {
		s->open(NULL, local);
	}
	COPY(s->name, "literal");
	(*handler)();
	return (point_t){ 1 }.x;
}

int old_style(a, b)
	int a;
	char *b;
{
	return a;
}

void (*returns_pointer(int sig, void (*func)(int)))(int)
{
	return func;
}

static inline __always_inline struct state *
on_its_own_line(struct state *s) __must_hold(lock)
{
	return s;
}

SYSCALL_DEFINE3(connect, int, fd, struct sockaddr __user *, addr, int, len)
{
	return do_connect(fd, addr, len);
}

int (parenthesised)(void) { return 1; }

#ifdef CONFIG_A
int either(int a)
#else
int either(void)
#endif
{
	return 0;
}
