/* Objects of <Code>: the collections, StringBuilder and exceptions that New makes. They live in the memory of the run,
 * and what they hold is copied there.
 */
#include "report/expr/code_object.h"
#include "report/expr/functions.h"
#include "report/expr/machine.h"
#include "report/value/compare.h"

const struct code_class code_classes[] = {
    {"ArrayList", CODE_LIST, false, false}, {"List", CODE_LIST, false, false},
    {"Hashtable", CODE_TABLE, false, false}, {"Dictionary", CODE_TABLE, true, false},
    {"HybridDictionary", CODE_TABLE, false, false}, {"ListDictionary", CODE_TABLE, false, false},
    {"SortedList", CODE_TABLE, false, false, true}, {"SortedDictionary", CODE_TABLE, true, false, true},
    {"StringBuilder", CODE_BUILDER, false, false}, {"Exception", CODE_EXCEPTION, false, false},
    {"HashSet", CODE_SET, false, false}, {"ISet", CODE_SET, false, true},
    {"Regex", CODE_REGEX, false, false}, {"Match", CODE_MATCH, false, true}, {"Group", CODE_MATCH, false, true},
    {"MatchCollection", CODE_LIST, false, true}, {"GroupCollection", CODE_GROUPS, false, true},
    {"Stack", CODE_STACK, false, false}, {"Queue", CODE_QUEUE, false, false},
    {"DictionaryEntry", CODE_PAIR, false, true}, {"KeyValuePair", CODE_PAIR, false, true},
    {"IList", CODE_LIST, false, true}, {"ICollection", CODE_LIST, false, true}, {"IEnumerable", CODE_LIST, false, true},
    {"IDictionary", CODE_TABLE, false, true}, {"Nullable", CODE_PAIR, false, true},
};
const size_t code_class_count = sizeof code_classes / sizeof *code_classes;

static rs_text last_part(rs_text name)
{
    rs_text part = name, rest = name;

    while (rs_text_cut(rest, '.', &part, &rest))
        continue;
    return part;
}

int code_find_class(rs_text name)
{
    rs_text part = last_part(name);
    int exception = -1;

    for (size_t i = 0; i < code_class_count; i++) {
        if (rs_text_equal_nocase(part, rs_text_from(code_classes[i].name)))
            return (int)i;
        if (code_classes[i].kind == CODE_EXCEPTION)
            exception = (int)i;
    }
    rs_text end = RS_TEXT("Exception");
    if (part.size > end.size && rs_text_equal_nocase(rs_text_from_offset(part, part.size - end.size), end))
        return exception;
    return -1;
}

/* ---- keeping ------------------------------------------------------------------------------- */

struct value code_keep(struct rs_job *memory, struct value v)
{
    if (v.kind == VALUE_TEXT || v.kind == VALUE_BYTES || v.kind == VALUE_ERROR) {
        v.text = rs_text_copy(memory, value_bytes(v)).bytes;
    } else if (v.kind == VALUE_ARRAY && !(v.flags & CODE_IS_KEPT)) {
        struct value *items = RS_NEW_ARRAY(memory, struct value, (size_t)v.size + 1);
        for (uint32_t i = 0; i < v.size; i++)
            items[i] = code_keep(memory, v.items[i]);
        v.items = items;
        v.flags |= CODE_IS_KEPT;
    } else if (v.kind == VALUE_OBJECT) {
        v = code_copy(memory, v);
    }
    return v;
}

/* ---- objects of <Code>'s own types ---------------------------------------------------------- */

static struct value make_object(struct rs_job *memory, enum code_object_kind kind, bool strict);

struct value code_object_make(struct rs_job *memory, enum code_object_kind kind)
{
    return make_object(memory, kind, false);
}

struct value code_instance_create(struct rs_job *memory, const struct code_own *own)
{
    struct value made = make_object(memory, CODE_INSTANCE, false);

    made.object->own = own;
    for (size_t i = 0; i < own->fields.count; i++)
        rs_vec_push(memory, &made.object->items, value_null());
    return made;
}

const struct code_own *code_instance_type(struct value v)
{
    return v.kind == VALUE_OBJECT && v.object ? v.object->own : NULL;
}

struct value *code_instance_field(struct value instance, int slot)
{
    return &instance.object->items.items[slot];
}

struct value code_copy(struct rs_job *memory, struct value v)
{
    const struct code_own *own = code_instance_type(v);
    struct value copy;

    if (!own || own->sort != CODE_STRUCTURE)
        return v;
    copy = code_instance_create(memory, own);
    for (size_t i = 0; i < own->fields.count; i++)
        copy.object->items.items[i] = code_copy(memory, v.object->items.items[i]);
    return copy;
}

/* ---- members ------------------------------------------------------------------------------- */

#define LISTS (1u << CODE_LIST | 1u << CODE_STACK | 1u << CODE_QUEUE)
#define KEYED (1u << CODE_TABLE | 1u << CODE_SET) /* entries are found by their key; that of a set is its item */
static struct value full(void)
{
    return EXPR_ERROR("the collection holds more than it may");
}

/* ---- tables -------------------------------------------------------------------------------- */

/* Keys are equal where their kinds and values are; Integer and Long meet. */
static struct value key_text(struct rs_job *job, struct value key)
{
    struct value text;

    if (key.kind == VALUE_NULL)
        return EXPR_ERROR("a key cannot be Nothing");
    if (key.kind == VALUE_INTEGER || key.kind == VALUE_LONG)
        return value_text(rs_text_format(job, "i%lld", (long long)key.integer));
    if (key.kind == VALUE_OBJECT)
        return value_text(rs_text_format(job, "o%p", (void *)key.object));
    text = value_to_string(job, key, value_culture_invariant());
    if (value_is_error(text))
        return text;
    return value_text(rs_text_format(job, "%c%.*s", 'A' + key.kind, RS_TEXT_ARG(value_bytes(text))));
}

/* The place of a key, or -1; *text is what it is known by. */
static ptrdiff_t find_key(struct rs_job *job, const struct value_object *table, struct value key, struct value *text)
{
    *text = key_text(job, key);
    if (value_is_error(*text))
        return -1;
    return (ptrdiff_t)(intptr_t)rs_map_find(table->places, value_bytes(*text)) - 1;
}

static struct value add_entry(struct value_object *table, struct value key, struct value text, struct value v)
{
    if (table->items.count >= EXPR_ITEMS_MAX)
        return full();
    rs_vec_push(table->memory, &table->keys, code_keep(table->memory, key));
    rs_vec_push(table->memory, &table->items, code_keep(table->memory, v));
    rs_map_set(table->places, rs_text_copy(table->memory, value_bytes(text)), (void *)(intptr_t)table->items.count);
    table->behind = table->sorted;
    return value_null();
}

/* True where it was not in the set before. */
static struct value add_to_set(struct rs_job *job, struct value_object *set, struct value item)
{
    struct value text, added;

    if (find_key(job, set, item, &text) >= 0)
        return value_boolean(false);
    added = value_is_error(text) ? text : add_entry(set, item, text, item);
    return value_is_error(added) ? added : value_boolean(true);
}

static struct value table_item(struct rs_job *job, const struct value_object *table, struct value key)
{
    struct value text;
    ptrdiff_t place = find_key(job, table, key, &text);

    if (value_is_error(text))
        return text;
    if (place >= 0)
        return table->items.items[place];
    return table->strict ? EXPR_ERROR("the given key was not present in the dictionary") : value_null();
}

/* Entry `index` of those that were not removed; -1 behind the last. */
static ptrdiff_t live_entry(const struct value_object *table, int64_t index)
{
    if (table->removed == 0)
        return index < (int64_t)table->items.count ? (ptrdiff_t)index : -1;
    for (size_t i = 0; i < table->items.count; i++)
        if (table->keys.items[i].kind != VALUE_ERROR && index-- == 0)
            return (ptrdiff_t)i;
    return -1;
}

static size_t count_of(const struct value_object *object)
{
    return object->items.count - object->removed;
}

static void settle(struct value_object *table);

/* ---- making -------------------------------------------------------------------------------- */

static struct value make_object(struct rs_job *memory, enum code_object_kind kind, bool strict)
{
    struct value_object *object = RS_NEW(memory, struct value_object);

    object->kind = kind;
    object->strict = strict;
    object->memory = memory;
    object->text = rs_buf_in(memory);
    if (1u << kind & KEYED)
        object->places = rs_map_create(memory, RS_MAP_EXACT);
    return (struct value){.kind = VALUE_OBJECT, .object = object};
}

/* New Stack(5), New List(items), New StringBuilder("x"): a capacity says nothing here. New Exception("x"): the class of the
 * exception is argument 0, the message the one behind. */
struct value code_object_create(struct rs_job *memory, const struct code_class *class, struct expr_call *call)
{
    int at = class->kind == CODE_EXCEPTION;
    struct value made = make_object(memory, class->kind, class->strict), first = expr_value(call, at);
    bool holds_text = class->kind == CODE_BUILDER || class->kind == CODE_EXCEPTION || class->kind == CODE_REGEX;
    rs_text text;

    made.object->sorted = class->sorted;
    if (class->kind == CODE_EXCEPTION)
        made.object->class = last_part(rs_text_copy(memory, value_bytes(call->arguments[0])));
    if (holds_text && first.kind == VALUE_TEXT && expr_text(call, at, &text))
        rs_buf_add(&made.object->text, text);
    if (class->kind == CODE_REGEX)
        rs_vec_push(memory, &made.object->items, value_is_number(expr_value(call, 1)) ? expr_value(call, 1) : value_integer(0));
    if (class->kind != CODE_TABLE && !holds_text && (first.kind == VALUE_ARRAY || first.kind == VALUE_OBJECT)) {
        struct value count = code_each_count(first), item;
        for (int64_t i = 0; !value_is_error(count) && i < count.integer; i++) {
            item = code_each_item(call->job, first, i);
            if (class->kind == CODE_SET)
                (void)add_to_set(call->job, made.object, item);
            else
                rs_vec_push(memory, &made.object->items, code_keep(memory, item));
        }
    }
    return made;
}

/* ---- exceptions ---------------------------------------------------------------------------- */

/* What our errors say, and which of Visual Basic's numbers and .NET's classes they are. */
static const struct {
    const char *part;
    int32_t number;
    const char *class;
} errors[] = {
    {"divide by zero", 11, "DivideByZeroException"}, {"divided by zero", 11, "DivideByZeroException"},
    {"overflow", 6, "OverflowException"}, {"Conversion from", 13, "InvalidCastException"},
    {"unable to cast", 13, "InvalidCastException"}, {"outside the bounds", 9, "IndexOutOfRangeException"},
    {"out of range", 9, "ArgumentOutOfRangeException"}, {"outside the text", 5, "ArgumentOutOfRangeException"},
    {"not set to an instance", 91, "NullReferenceException"}, {"not present in the dictionary", 5, "KeyNotFoundException"},
    {"has no member", 438, "MissingMemberException"}, {"nested more than", 28, "StackOverflowException"},
    {"correct format", 13, "FormatException"}, {"is not a date", 13, "FormatException"},
    {"neither True nor False", 13, "FormatException"}, {"not a TimeSpan", 13, "FormatException"},
    {"same key has already", 5, "ArgumentException"}, {"Resume without", 20, "Exception"},
};

static ptrdiff_t error_row(rs_text error)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (rs_text_find(error, rs_text_from(errors[i].part)) >= 0)
            return (ptrdiff_t)i;
    return -1;
}

int32_t code_error_number(rs_text error)
{
    ptrdiff_t row = error_row(error);

    return row >= 0 ? errors[row].number : 5;
}

/* What a class of .NET inherits from, where that is caught now and then. */
static rs_text base_class(rs_text class)
{
    static const struct {
        const char *class, *base;
    } bases[] = {
        {"DivideByZeroException", "ArithmeticException"}, {"OverflowException", "ArithmeticException"},
        {"NotFiniteNumberException", "ArithmeticException"}, {"ArgumentNullException", "ArgumentException"},
        {"ArgumentOutOfRangeException", "ArgumentException"}, {"MissingMemberException", "MemberAccessException"},
        {"ApplicationException", "Exception"},
    };

    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        if (rs_text_equal_nocase(class, rs_text_from(bases[i].class)))
            return rs_text_from(bases[i].base);
    return rs_text_equal_nocase(class, RS_TEXT("SystemException")) ? RS_TEXT("Exception") : RS_TEXT("SystemException");
}

bool code_exception_is(struct value exception, rs_text wanted)
{
    rs_text class = exception.kind == VALUE_OBJECT && exception.object->kind == CODE_EXCEPTION ? exception.object->class : RS_TEXT("Exception");

    wanted = last_part(wanted);
    if (rs_text_equal_nocase(wanted, RS_TEXT("Exception")))
        return true;
    for (; !rs_text_equal_nocase(class, RS_TEXT("Exception")); class = base_class(class))
        if (rs_text_equal_nocase(class, wanted))
            return true;
    return false;
}

struct value code_exception(struct rs_job *memory, struct value error, struct value thrown)
{
    struct value made;
    ptrdiff_t row;

    if (thrown.kind == VALUE_OBJECT && thrown.object->kind == CODE_EXCEPTION &&
        rs_text_equal(rs_buf_text(&thrown.object->text), value_bytes(error)))
        return thrown;
    made = make_object(memory, CODE_EXCEPTION, false);
    row = error_row(value_bytes(error));
    rs_buf_add(&made.object->text, value_bytes(error));
    made.object->class = row >= 0 ? rs_text_from(errors[row].class) : RS_TEXT("Exception");
    return made;
}

struct value code_thrown(struct rs_job *job, struct value exception)
{
    struct value text;

    if (exception.kind == VALUE_OBJECT && exception.object->kind == CODE_EXCEPTION)
        return value_error(rs_buf_text(&exception.object->text));
    text = value_to_string(job, exception, value_culture_invariant());
    return value_is_error(text) ? text : value_error(value_bytes(text));
}

static struct value make_pair(const struct value_object *table, ptrdiff_t place)
{
    struct value made = make_object(table->memory, CODE_PAIR, false);

    rs_vec_push(table->memory, &made.object->keys, table->keys.items[place]);
    rs_vec_push(table->memory, &made.object->items, table->items.items[place]);
    return made;
}

/* ---- items --------------------------------------------------------------------------------- */

static bool place_of(struct expr_call *call, const struct value_object *list, struct value index, size_t end, size_t *place)
{
    struct value whole = value_to_whole(call->job, index, VALUE_AS_INTEGER, call->culture);

    (void)list;
    if (value_is_error(whole) || whole.integer < 0 || (uint64_t)whole.integer >= end)
        return false;
    *place = (size_t)whole.integer;
    return true;
}

static struct value outside(void)
{
    return EXPR_ERROR("the index was out of range of the collection");
}

struct value code_object_item(struct rs_job *job, struct value object, struct value index)
{
    struct expr_call call = {.job = job, .culture = value_culture_invariant()};
    size_t place;

    switch (object.object->kind) {
    case CODE_TABLE:
        return table_item(job, object.object, index);
    case CODE_LIST:
        if (!place_of(&call, object.object, index, object.object->items.count, &place))
            return outside();
        return object.object->items.items[place];
    case CODE_GROUPS:
        return code_group(object.object, index);
    default:
        return EXPR_ERROR("this object has no index");
    }
}

struct value code_object_set_item(struct expr_call *call, struct value object, struct value index, struct value v)
{
    struct value_object *o = object.object;
    struct value text;
    size_t place;

    if (o->kind == CODE_TABLE) {
        ptrdiff_t found = find_key(call->job, o, index, &text);
        if (value_is_error(text))
            return text;
        if (found < 0)
            return add_entry(o, index, text, v);
        o->items.items[found] = code_keep(o->memory, v);
        return value_null();
    }
    if (o->kind != CODE_LIST)
        return EXPR_ERROR("this object has no index");
    if (!place_of(call, o, index, o->items.count, &place))
        return outside();
    o->items.items[place] = code_keep(o->memory, v);
    return value_null();
}

bool code_object_has_member(rs_text name)
{
    return rs_text_equal_nocase(name, RS_TEXT("Length")) || rs_text_equal_nocase(name, RS_TEXT("Capacity"));
}

struct value code_object_set_member(struct expr_call *call, struct value object, rs_text name, struct value v)
{
    struct value_object *o = object.kind == VALUE_OBJECT ? object.object : NULL;
    struct value whole = value_to_whole(call->job, v, VALUE_AS_INTEGER, call->culture);
    size_t units;

    if (object.kind == VALUE_NULL)
        return EXPR_ERROR("a member of Nothing is set: object reference not set to an instance of an object");
    if (!o || (o->kind != CODE_BUILDER && !rs_text_equal_nocase(name, RS_TEXT("Capacity"))))
        return value_error(rs_text_format(call->job, "nothing can be assigned to .%.*s of this object", RS_TEXT_ARG(name)));
    if (value_is_error(whole) || whole.integer < 0 || whole.integer > (int64_t)EXPR_TEXT_MAX)
        return value_is_error(whole) ? whole : outside();
    if (!rs_text_equal_nocase(name, RS_TEXT("Length")))
        return value_null(); /* a capacity says nothing here */
    units = expr_units(rs_buf_text(&o->text));
    if ((size_t)whole.integer <= units)
        o->text.used = expr_offset(rs_buf_text(&o->text), (size_t)whole.integer);
    for (; units < (size_t)whole.integer; units++)
        rs_buf_add_byte(&o->text, '\0');
    return value_null();
}

struct value code_each_count(struct value collection)
{
    switch (collection.kind) {
    case VALUE_ARRAY: case VALUE_BYTES:
        return value_integer((int32_t)collection.size);
    case VALUE_TEXT:
        return value_integer((int32_t)expr_units(value_bytes(collection)));
    case VALUE_OBJECT:
        settle(collection.object);
        if (1u << collection.object->kind & (LISTS | KEYED | 1u << CODE_PAIR | 1u << CODE_GROUPS))
            return value_integer((int32_t)count_of(collection.object));
        break;
    case VALUE_NULL:
        return EXPR_ERROR("For Each of Nothing: object reference not set to an instance of an object");
    default:
        break;
    }
    return EXPR_ERROR("For Each needs a collection");
}

struct value code_each_item(struct rs_job *job, struct value collection, int64_t index)
{
    const struct value_object *object = collection.object;

    if (collection.kind == VALUE_ARRAY)
        return index < (int64_t)collection.size ? collection.items[index] : outside();
    if (collection.kind == VALUE_BYTES)
        return index < (int64_t)collection.size ? value_integer((unsigned char)collection.text[index]) : outside();
    if (collection.kind == VALUE_TEXT) {
        rs_text c = expr_slice(value_bytes(collection), (size_t)index, 1);
        size_t at = 0;
        return c.size ? (struct value){.kind = VALUE_CHAR, .integer = rs_text_next(c, &at)} : outside();
    }
    if (index >= (int64_t)count_of(object))
        return outside();
    if (object->kind == CODE_TABLE)
        return make_pair(object, live_entry(object, index));
    if (object->kind == CODE_SET)
        return object->items.items[live_entry(object, index)];
    if (object->kind == CODE_STACK) /* the last one first */
        return object->items.items[object->items.count - 1 - (size_t)index];
    (void)job;
    return object->items.items[index];
}

/* ---- members of collections ---------------------------------------------------------------- */

/* list.Add(x) gives its place, set.Add(x) whether it is new, table.Add(key, x) nothing. */
struct value object_add(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, LISTS | KEYED);
    struct value text;

    if (object->kind == CODE_SET)
        return call->count == 2 ? add_to_set(call->job, object, call->arguments[1]) : EXPR_ERROR("Add of a set takes one value");
    if (object->kind != CODE_TABLE) {
        if (call->count != 2)
            return EXPR_ERROR("Add of a list takes one value");
        if (object->items.count >= EXPR_ITEMS_MAX)
            return full();
        rs_vec_push(object->memory, &object->items, code_keep(object->memory, call->arguments[1]));
        return value_integer((int32_t)object->items.count - 1);
    }
    if (call->count != 3)
        return EXPR_ERROR("Add of a table takes a key and a value");
    if (find_key(call->job, object, call->arguments[1], &text) >= 0)
        return EXPR_ERROR("an item with the same key has already been added");
    return value_is_error(text) ? text : add_entry(object, call->arguments[1], text, call->arguments[2]);
}

struct value object_add_range(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST);
    struct value count = code_each_count(expr_value(call, 1));

    if (value_is_error(count))
        return count;
    if (object->items.count + (size_t)count.integer > EXPR_ITEMS_MAX)
        return full();
    for (int64_t i = 0; i < count.integer; i++)
        rs_vec_push(object->memory, &object->items,
                    code_keep(object->memory, code_each_item(call->job, call->arguments[1], i)));
    return value_null();
}

static ptrdiff_t index_in(struct expr_call *call, const struct value_object *list, struct value wanted)
{
    for (size_t i = 0; i < list->items.count; i++) {
        struct value v = list->items.items[i], equal;
        if (v.kind == VALUE_ERROR || (1u << list->kind & KEYED && list->keys.items[i].kind == VALUE_ERROR))
            continue;
        if ((v.kind == VALUE_NULL || wanted.kind == VALUE_NULL) && v.kind != wanted.kind)
            continue;
        if (v.kind == VALUE_OBJECT || wanted.kind == VALUE_OBJECT || v.kind == VALUE_ARRAY || wanted.kind == VALUE_ARRAY) {
            if (v.kind == wanted.kind && v.object == wanted.object)
                return (ptrdiff_t)i;
            continue;
        }
        if ((v.kind == VALUE_TEXT) != (wanted.kind == VALUE_TEXT))
            continue;
        equal = value_relate(call->job, VALUE_EQUAL, v, wanted, call->rules);
        if (equal.kind == VALUE_BOOLEAN && equal.boolean)
            return (ptrdiff_t)i;
    }
    return -1;
}

struct value object_contains(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, LISTS | KEYED);
    struct value text;

    if (!(1u << object->kind & KEYED))
        return value_boolean(index_in(call, object, expr_value(call, 1)) >= 0);
    bool found = find_key(call->job, object, expr_value(call, 1), &text) >= 0;
    return value_is_error(text) ? text : value_boolean(found);
}

struct value object_contains_value(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_TABLE);

    return value_boolean(index_in(call, object, expr_value(call, 1)) >= 0);
}

struct value object_index_of(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST);

    return value_integer((int32_t)index_in(call, object, expr_value(call, 1)));
}

struct value object_item(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST | 1u << CODE_TABLE | 1u << CODE_GROUPS);

    (void)object;
    return code_object_item(call->job, call->arguments[0], expr_value(call, 1));
}

struct value object_count(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, LISTS | KEYED | 1u << CODE_GROUPS);

    return value_integer((int32_t)count_of(object));
}

static void take_out(struct value_object *list, size_t place)
{
    memmove(list->items.items + place, list->items.items + place + 1,
            (list->items.count - place - 1) * sizeof *list->items.items);
    list->items.count--;
}

/* table.Remove(key), list.Remove(value), set.Remove(value): was it there? builder.Remove(start, length) */
struct value object_remove(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST | KEYED | 1u << CODE_BUILDER);
    struct value text;
    int32_t start, length;
    ptrdiff_t place;

    if (object->kind == CODE_BUILDER) {
        rs_text all = rs_buf_text(&object->text);
        if (!expr_whole(call, 1, &start) || !expr_whole(call, 2, &length))
            return expr_failed(call);
        if (start < 0 || length < 0 || (size_t)start + (size_t)length > expr_units(all))
            return outside();
        size_t from = expr_offset(all, (size_t)start), to = expr_offset(all, (size_t)start + (size_t)length);
        memmove(object->text.bytes + from, object->text.bytes + to, all.size - to);
        object->text.used -= to - from;
        return call->arguments[0];
    }
    if (object->kind == CODE_LIST) {
        if ((place = index_in(call, object, expr_value(call, 1))) >= 0)
            take_out(object, (size_t)place);
        return value_boolean(place >= 0);
    }
    if ((place = find_key(call->job, object, expr_value(call, 1), &text)) >= 0) {
        object->keys.items[place] = EXPR_ERROR("removed");
        object->items.items[place] = value_null();
        object->removed++;
        rs_map_set(object->places, value_bytes(text), NULL);
    }
    return value_is_error(text) ? text : value_boolean(place >= 0);
}

struct value object_remove_at(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST);
    size_t place;

    if (!place_of(call, object, expr_value(call, 1), object->items.count, &place))
        return outside();
    take_out(object, place);
    return value_null();
}

/* list.RemoveRange(index, count) */
struct value object_remove_range(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST);
    int32_t from, count;

    if (!expr_whole(call, 1, &from) || !expr_whole(call, 2, &count))
        return expr_failed(call);
    if (from < 0 || count < 0 || (int64_t)from + count > (int64_t)object->items.count)
        return EXPR_ERROR("the start or the count is out of range");
    memmove(object->items.items + from, object->items.items + from + count,
            (object->items.count - (size_t)(from + count)) * sizeof *object->items.items);
    object->items.count -= (size_t)count;
    return value_null();
}

struct value object_insert(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST | 1u << CODE_BUILDER);
    size_t place;
    rs_text text;

    if (object->kind == CODE_BUILDER) {
        rs_text all = rs_buf_text(&object->text);
        if (!place_of(call, object, expr_value(call, 1), expr_units(all) + 1, &place))
            return outside();
        if (!expr_text(call, 2, &text))
            return expr_failed(call);
        size_t at = expr_offset(all, place);
        rs_buf made = rs_buf_in(object->memory);
        rs_buf_add(&made, rs_text_slice(all, 0, at));
        rs_buf_add(&made, text);
        rs_buf_add(&made, rs_text_from_offset(all, at));
        object->text = made;
        return call->arguments[0];
    }
    if (object->items.count >= EXPR_ITEMS_MAX)
        return full();
    if (!place_of(call, object, expr_value(call, 1), object->items.count + 1, &place))
        return outside();
    rs_vec_push(object->memory, &object->items, value_null());
    memmove(object->items.items + place + 1, object->items.items + place,
            (object->items.count - place - 1) * sizeof *object->items.items);
    object->items.items[place] = code_keep(object->memory, expr_value(call, 2));
    return value_null();
}

struct value object_clear(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, LISTS | KEYED | 1u << CODE_BUILDER);

    object->keys.count = object->items.count = object->removed = 0;
    object->text = rs_buf_in(object->memory); /* what was read from it keeps its bytes */
    if (1u << object->kind & KEYED)
        object->places = rs_map_create(object->memory, RS_MAP_EXACT);
    return value_null();
}

/* Copies, so that the loop over them may change the collection. */
static struct value array_of(struct expr_call *call, const struct value_object *object, const struct value *from)
{
    struct value *items = expr_allocate(call, count_of(object) + 1, sizeof *items);
    uint32_t count = 0;

    if (!items)
        return EXPR_ERROR("not enough memory");
    for (size_t i = 0; i < object->items.count; i++)
        if (!(1u << object->kind & KEYED) || object->keys.items[i].kind != VALUE_ERROR)
            items[count++] = from[i];
    return value_array(items, count);
}

struct value object_keys(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_TABLE);

    settle(object);
    return array_of(call, object, object->keys.items);
}

struct value object_values(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_TABLE);

    settle(object);
    return array_of(call, object, object->items.items);
}

struct value object_to_array(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, LISTS | 1u << CODE_SET);

    return array_of(call, object, object->items.items);
}

static int compare_values(const struct value_collation *collation, struct value a, struct value b)
{
    return a.kind == VALUE_TEXT && b.kind == VALUE_TEXT ? expr_order_text(value_bytes(a), value_bytes(b))
                                                        : value_sort_compare(collation, a, b);
}

/* From the least to the greatest, texts as String.Compare says; values that cannot be compared stand by their kinds. */
static bool sort_values(struct expr_call *call, struct value *from, size_t count)
{
    struct value_collation *collation;
    struct value *to;

    if ((call->status = value_collation_create(call->job, call->culture, VALUE_ORDINAL, &collation)) != RS_OK ||
        !(to = expr_allocate(call, count + 1, sizeof *to)))
        return false;
    for (size_t width = 1; width < count; width *= 2) { /* merged from runs of growing width: stable */
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t middle = start + width < count ? start + width : count;
            size_t end = start + 2 * width < count ? start + 2 * width : count, a = start, b = middle;
            for (size_t i = start; i < end; i++)
                to[i] = a < middle && (b >= end || compare_values(collation, from[a], from[b]) <= 0) ? from[a++] : from[b++];
        }
        memcpy(from, to, count * sizeof *to);
    }
    return true;
}

static void reverse_values(struct value *values, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct value v = values[i];
        values[i] = values[count - 1 - i];
        values[count - 1 - i] = v;
    }
}

struct value object_sort(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST);

    return sort_values(call, object->items.items, object->items.count) ? value_null() : EXPR_ERROR("not enough memory");
}

struct value object_reverse(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_LIST);

    reverse_values(object->items.items, object->items.count);
    return value_null();
}

struct value code_array_order(struct run *run, struct value array, bool reverse)
{
    struct expr_call call = {.job = run->job, .rules = &run->rules[0], .culture = run->culture};

    if (array.kind != VALUE_ARRAY)
        return array.kind == VALUE_ERROR ? array : expr_error(&call, "a value of type %s is no array to be put in order", value_type_name(array));
    array = code_keep(run->env->code->memory, array);
    if (reverse)
        reverse_values((struct value *)array.items, array.size); /* kept arrays are ours: see set_item */
    else if (!sort_values(&call, (struct value *)array.items, array.size))
        run->status = call.status;
    return array;
}

struct value code_copy_items(struct run *run, const struct value *five)
{
    struct expr_call call = {.job = run->job, .rules = &run->rules[0], .culture = run->culture, .arguments = five, .count = 5};
    struct value all = code_each_count(five[0]), array = five[2];
    int32_t from, to, count;

    if (value_is_error(all))
        return all;
    if (array.kind != VALUE_ARRAY)
        return EXPR_ERROR("what items are copied to is no array");
    if (!expr_whole(&call, 1, &from) || !expr_whole(&call, 3, &to))
        return call.error;
    count = (int32_t)all.integer;
    if (five[4].kind != VALUE_NULL && !expr_whole(&call, 4, &count))
        return call.error;
    if (from < 0 || to < 0 || count < 0 || from > all.integer - count || to > (int64_t)array.size - count)
        return EXPR_ERROR("the start or the count is out of range");
    array = code_keep(run->env->code->memory, array);
    bool back = five[0].kind == VALUE_ARRAY && five[0].items == array.items && from < to; /* the same array: from its end */
    for (int32_t i = 0; i < count; i++) {
        int32_t at = back ? count - 1 - i : i;
        ((struct value *)array.items)[to + at] = code_keep(run->env->code->memory, code_each_item(run->job, five[0], from + at));
    }
    return array;
}

/* Put the entries of a table in the order of their keys, where they are to be and are not. */
static void settle(struct value_object *table)
{
    struct expr_call call = {.job = table->memory, .culture = value_culture_invariant()};
    struct value *keys, *items, text;
    size_t count = 0;

    if (!table->behind || !(keys = expr_allocate(&call, table->items.count + 1, 2 * sizeof *keys)))
        return;
    for (size_t i = 0; i < table->keys.count; i++)
        if (table->keys.items[i].kind != VALUE_ERROR)
            keys[count++] = table->keys.items[i];
    if (!sort_values(&call, keys, count))
        return;
    items = keys + table->items.count + 1;
    for (size_t i = 0; i < count; i++) {
        items[i] = table->items.items[find_key(table->memory, table, keys[i], &text)];
        table->keys.items[i] = keys[i];
    }
    for (size_t i = 0; i < count; i++) {
        table->items.items[i] = items[i];
        rs_map_set(table->places, rs_text_copy(table->memory, value_bytes(key_text(table->memory, keys[i]))), (void *)(intptr_t)(i + 1));
    }
    table->keys.count = table->items.count = count;
    table->removed = 0;
    table->behind = false;
}

/* list.GetKey(0), list.GetByIndex(0) of a SortedList */
static struct value entry_at(struct expr_call *call, bool key)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_TABLE);
    int32_t index;
    ptrdiff_t place;

    if (!expr_whole(call, 1, &index))
        return expr_failed(call);
    settle(object);
    if (index < 0 || (place = live_entry(object, index)) < 0)
        return outside();
    return (key ? object->keys.items : object->items.items)[place];
}

struct value object_get_key(struct expr_call *call)
{
    return entry_at(call, true);
}

struct value object_get_by_index(struct expr_call *call)
{
    return entry_at(call, false);
}

/* ---- stacks and queues --------------------------------------------------------------------- */

static struct value take(struct expr_call *call, bool remove)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_STACK | 1u << CODE_QUEUE);
    size_t place = object->kind == CODE_STACK ? object->items.count - 1 : 0;
    struct value v;

    if (object->items.count == 0)
        return EXPR_ERROR("the collection is empty");
    v = object->items.items[place];
    if (remove)
        take_out(object, place);
    return v;
}

struct value object_take(struct expr_call *call)
{
    return take(call, true);
}

struct value object_peek(struct expr_call *call)
{
    return take(call, false);
}

/* ---- StringBuilder ------------------------------------------------------------------------- */

static struct value append(struct expr_call *call, bool line)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_BUILDER);
    rs_text text;

    if (!expr_text_or(call, 1, RS_TEXT(""), &text))
        return expr_failed(call);
    if (object->text.used + text.size > EXPR_TEXT_MAX)
        return EXPR_ERROR("the text is too long");
    rs_buf_add(&object->text, text);
    if (line)
        rs_buf_add_literal(&object->text, "\r\n");
    return call->arguments[0];
}

struct value object_append(struct expr_call *call)
{
    return append(call, false);
}

struct value object_append_line(struct expr_call *call)
{
    return append(call, true);
}

struct value object_append_format(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_BUILDER);
    struct expr_call format = *call;
    struct value text;

    format.arguments++;
    format.count--;
    text = fn_string_format(&format);
    call->status = format.status;
    if (value_is_error(text))
        return text;
    if (object->text.used + text.size > EXPR_TEXT_MAX)
        return EXPR_ERROR("the text is too long");
    rs_buf_add(&object->text, value_bytes(text));
    return call->arguments[0];
}

struct value object_replace(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_BUILDER | 1u << CODE_REGEX);
    struct value arguments[3] = {expr_buf_value(&object->text), expr_value(call, 1), expr_value(call, 2)}, text;
    struct expr_call replace = *call;

    if (object->kind == CODE_REGEX)
        return object_regex_replace(call);
    replace.arguments = arguments;
    replace.count = 3;
    text = member_replace(&replace);
    call->status = replace.status;
    if (value_is_error(text))
        return text;
    object->text = rs_buf_in(object->memory);
    rs_buf_add(&object->text, value_bytes(text));
    return call->arguments[0];
}

struct value object_length(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_BUILDER | 1u << CODE_MATCH);

    if (object->kind == CODE_MATCH)
        return value_integer((int32_t)expr_units(value_bytes(object->items.items[0])));
    return value_integer((int32_t)expr_units(rs_buf_text(&object->text)));
}

/* A builder may be cleared and written again, so what is read from it is a copy. */
struct value object_to_string(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, UINT32_MAX);

    if (object->own)
        return value_text(object->own->name);
    if (object->kind == CODE_MATCH)
        return object->items.items[0];
    if (object->kind != CODE_BUILDER && object->kind != CODE_EXCEPTION && object->kind != CODE_REGEX)
        return value_text(rs_text_from(value_type_full_name(call->arguments[0])));
    return value_text(rs_text_copy(call->job, rs_buf_text(&object->text)));
}

/* A type is the text of its full name. */
struct value object_get_type(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, UINT32_MAX);

    if (object->own)
        return value_text(object->own->name);
    if (object->kind == CODE_EXCEPTION)
        return value_text(rs_text_format(call->job, "System.%.*s", RS_TEXT_ARG(object->class)));
    return value_text(rs_text_from(value_type_full_name(call->arguments[0])));
}

/* ---- exceptions and entries ---------------------------------------------------------------- */

struct value object_message(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_EXCEPTION);

    return expr_buf_value(&object->text);
}

struct value object_key(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_PAIR);

    return object->keys.items[0];
}

struct value object_value(struct expr_call *call)
{
    OBJECT_OR_FAIL(object, call, 1u << CODE_PAIR | 1u << CODE_MATCH);

    return object->items.items[0];
}
