// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON <-> D-Bus. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/busjson.h"

/* What comes over the bus is somebody else's: bounds for nesting, and for what becomes of it. */
#define DEPTH_MAX  16
#define VALUES_MAX (4 * 1024 * 1024)

/* --- JSON to D-Bus ------------------------------------------------------------------------- */

static int append_value(sd_bus_message *m, const json_t *value, int depth);

/* The type an array goes as is that of its elements, which must be of one kind. */
static const char *element_type(const json_t *array)
{
	const json_t *first = json_array_get(array, 0), *other;
	size_t i;

	json_array_foreach(array, i, other)
		if (json_typeof(other) != json_typeof(first))
			return NULL;
	if (!first || json_is_object(first))
		return "a{sv}";
	return json_is_string(first) ? "s" : NULL;
}

static const char *type_of(const json_t *value)
{
	const char *element;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "a{sv}";
	case JSON_ARRAY:
		element = element_type(value);
		return !element ? NULL : *element == 's' ? "as" : "aa{sv}";
	case JSON_STRING:
		return "s";
	case JSON_INTEGER:
		return "x";
	case JSON_REAL:
		return "d";
	case JSON_TRUE:
	case JSON_FALSE:
		return "b";
	default:
		return NULL;
	}
}

static int append_member(sd_bus_message *m, const char *key, const json_t *value, int depth)
{
	const char *type = type_of(value);
	int ret;

	if (json_is_null(value))
		return 0; /* D-Bus has no null: absent */
	if (!type)
		return -EINVAL;
	ret = sd_bus_message_open_container(m, 'e', "sv");
	if (ret >= 0)
		ret = sd_bus_message_append_basic(m, 's', key);
	if (ret >= 0)
		ret = sd_bus_message_open_container(m, 'v', type);
	if (ret >= 0)
		ret = append_value(m, value, depth);
	if (ret >= 0)
		ret = sd_bus_message_close_container(m);
	return ret < 0 ? ret : sd_bus_message_close_container(m);
}

static int append_object(sd_bus_message *m, const json_t *object, int depth)
{
	const char *key;
	json_t *value;
	int ret = sd_bus_message_open_container(m, 'a', "{sv}");

	json_object_foreach((json_t *)object, key, value) {
		if (ret < 0)
			return ret;
		ret = append_member(m, key, value, depth + 1);
	}
	return ret < 0 ? ret : sd_bus_message_close_container(m);
}

static int append_array(sd_bus_message *m, const json_t *array, int depth)
{
	const char *element = element_type(array);
	const json_t *value;
	size_t i;
	int ret;

	if (!element)
		return -EINVAL;
	ret = sd_bus_message_open_container(m, 'a', element);
	json_array_foreach(array, i, value) {
		if (ret < 0)
			return ret;
		ret = append_value(m, value, depth + 1);
	}
	return ret < 0 ? ret : sd_bus_message_close_container(m);
}

static int append_value(sd_bus_message *m, const json_t *value, int depth)
{
	int64_t integer = json_integer_value(value);
	double real = json_real_value(value);
	int boolean = json_is_true(value);

	if (depth > DEPTH_MAX)
		return -ELOOP;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return append_object(m, value, depth);
	case JSON_ARRAY:
		return append_array(m, value, depth);
	case JSON_STRING:
		return sd_bus_message_append_basic(m, 's', json_string_value(value));
	case JSON_INTEGER:
		return sd_bus_message_append_basic(m, 'x', &integer);
	case JSON_REAL:
		return sd_bus_message_append_basic(m, 'd', &real);
	case JSON_TRUE:
	case JSON_FALSE:
		return sd_bus_message_append_basic(m, 'b', &boolean);
	default:
		return -EINVAL;
	}
}

int xn_bus_append_json(sd_bus_message *m, const json_t *value)
{
	int ret;

	if (!json_is_object(value) && !json_is_array(value))
		return -EINVAL;
	ret = append_value(m, value, 0);
	return ret < 0 ? ret : 0;
}

/* --- D-Bus to JSON ------------------------------------------------------------------------- */

struct reading {
	sd_bus_message *m;
	size_t values; /* made so far */
};

static int read_value(struct reading *reading, int depth, json_t **value);

union basic {
	uint8_t y;
	int b;
	int16_t n;
	uint16_t q;
	int32_t i;
	uint32_t u;
	int64_t x;
	uint64_t t;
	double d;
	const char *s;
	int h;
};

static json_t *basic_json(char type, const union basic *basic)
{
	switch (type) {
	case 'y':
		return json_integer(basic->y);
	case 'b':
		return json_boolean(basic->b);
	case 'n':
		return json_integer(basic->n);
	case 'q':
		return json_integer(basic->q);
	case 'i':
		return json_integer(basic->i);
	case 'u':
		return json_integer(basic->u);
	case 'x':
		return json_integer(basic->x);
	case 't':
		return basic->t > INT64_MAX ? json_real(basic->t) : json_integer(basic->t);
	case 'd':
		/* JSON has no infinity */
		return basic->d - basic->d == 0 ? json_real(basic->d) : json_null();
	case 'h':
		return json_null(); /* a file descriptor; the message closes it */
	default:
		return json_string(basic->s);
	}
}

static int read_basic(struct reading *reading, char type, json_t **value)
{
	union basic basic;
	int ret = sd_bus_message_read_basic(reading->m, type, &basic);

	if (ret < 0)
		return ret;
	*value = basic_json(type, &basic);
	return *value ? 0 : -ENOMEM;
}

static int64_t key_integer(char type, const union basic *basic)
{
	json_t *value = basic_json(type, basic);
	int64_t integer = json_is_true(value) ? 1 : json_integer_value(value);

	json_decref(value);
	return integer;
}

/* Key of a dictionary as text, whatever basic type it is. */
static int read_key(struct reading *reading, char *buf, size_t size, const char **key)
{
	union basic basic;
	char type;
	int ret = sd_bus_message_peek_type(reading->m, &type, NULL);

	if (ret > 0)
		ret = sd_bus_message_read_basic(reading->m, type, &basic);
	if (ret <= 0)
		return ret < 0 ? ret : -EBADMSG;
	*key = strchr("sog", type) ? basic.s : buf;
	if (type == 'd')
		snprintf(buf, size, "%.17g", basic.d);
	else if (type == 't')
		snprintf(buf, size, "%" PRIu64, basic.t);
	else if (*key == buf)
		snprintf(buf, size, "%" PRId64, key_integer(type, &basic));
	return 0;
}

static int read_pair(struct reading *reading, int depth, json_t *object)
{
	const char *key, *contents;
	json_t *value = NULL;
	char buf[32];
	int ret = sd_bus_message_peek_type(reading->m, NULL, &contents);

	if (ret > 0)
		ret = sd_bus_message_enter_container(reading->m, 'e', contents);
	if (ret <= 0)
		return ret < 0 ? ret : -EBADMSG;
	ret = read_key(reading, buf, sizeof(buf), &key);
	if (ret >= 0)
		ret = read_value(reading, depth + 1, &value);
	if (ret >= 0)
		ret = json_object_set_new(object, key, value) ? -ENOMEM : 0;
	return ret < 0 ? ret : sd_bus_message_exit_container(reading->m);
}

static int read_element(struct reading *reading, int depth, json_t *array)
{
	json_t *value = NULL;
	int ret = read_value(reading, depth + 1, &value);

	if (ret >= 0)
		ret = json_array_append_new(array, value) ? -ENOMEM : 0;
	return ret;
}

/* Array, dictionary or struct. */
static int read_container(struct reading *reading, char type, const char *contents, int depth,
			  json_t **value)
{
	bool dictionary = type == 'a' && contents[0] == '{';
	int ret = sd_bus_message_enter_container(reading->m, type, contents);

	if (ret < 0)
		return ret;
	*value = dictionary ? json_object() : json_array();
	if (!*value)
		return -ENOMEM;
	while (ret >= 0) {
		ret = sd_bus_message_at_end(reading->m, false);
		if (ret)
			break;
		ret = dictionary ? read_pair(reading, depth, *value)
				 : read_element(reading, depth, *value);
	}
	if (ret >= 0)
		ret = sd_bus_message_exit_container(reading->m);
	if (ret >= 0)
		return 0;
	json_decref(*value);
	*value = NULL;
	return ret;
}

static int read_variant(struct reading *reading, const char *contents, int depth, json_t **value)
{
	int ret = sd_bus_message_enter_container(reading->m, 'v', contents);

	if (ret >= 0)
		ret = read_value(reading, depth + 1, value);
	if (ret < 0)
		return ret;
	ret = sd_bus_message_exit_container(reading->m);
	if (ret >= 0)
		return 0;
	json_decref(*value);
	*value = NULL;
	return ret;
}

static int read_value(struct reading *reading, int depth, json_t **value)
{
	const char *contents;
	char type;
	int ret = sd_bus_message_peek_type(reading->m, &type, &contents);

	if (ret < 0)
		return ret;
	if (!ret)
		return -ENODATA;
	if (depth > DEPTH_MAX)
		return -ELOOP;
	if (++reading->values > VALUES_MAX)
		return -E2BIG;
	switch (type) {
	case 'v':
		return read_variant(reading, contents, depth, value);
	case 'a':
	case 'r':
		return read_container(reading, type, contents, depth, value);
	default:
		return read_basic(reading, type, value);
	}
}

int xn_bus_read_json(sd_bus_message *m, json_t **value)
{
	struct reading reading = { .m = m };
	int ret;

	*value = NULL;
	ret = read_value(&reading, 0, value);
	return ret < 0 ? ret : 0;
}
