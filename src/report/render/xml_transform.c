/* Style sheets over the data of a report: its own DataTransform, then the XSLT of the request. They see the document and
 * nothing else: no file and no address can be read or written.
 *
 * Source:  [MS-RDL] Report.DataTransform; XML device information settings, XSLT; XSLT 1.0.
 */
#include <libxml/parser.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#include "report/render/xml.h"

#include <stdio.h>

#define STYLE_SHEET_MAX ((size_t)4 * 1024 * 1024) /* bytes */
#define DEPTH_MAX 500                             /* templates inside each other */
#define STEPS_MAX (100ul * 1000 * 1000)           /* of XPath, in one transformation */
#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT)

/* What one transformation holds, of libraries that do not know jobs. */
struct transformation {
    xmlDocPtr document, result;
    xsltStylesheetPtr style_sheet;
    xsltTransformContextPtr context;
    xsltSecurityPrefsPtr rules;
    xmlChar *bytes;
    int size;
    char message[256]; /* the first complaint */
};

static void finish(struct transformation *t)
{
    if (t->context)
        xsltFreeTransformContext(t->context);
    xmlFreeDoc(t->result);
    xmlFreeDoc(t->document);
    if (t->style_sheet)
        xsltFreeStylesheet(t->style_sheet);
    if (t->rules)
        xsltFreeSecurityPrefs(t->rules);
    xmlFree(t->bytes);
}

static void complain(void *data, const char *format, ...)
{
    struct transformation *t = data;
    size_t used = strlen(t->message);
    va_list arguments;

    if (used > 0 && t->message[used - 1] == '\n')
        return;
    va_start(arguments, format);
    vsnprintf(t->message + used, sizeof t->message - used, format, arguments);
    va_end(arguments);
}

/* Nothing outside: neither document() nor xsl:import, nor what a style sheet could write. */
static xsltSecurityPrefsPtr forbid(void)
{
    static const xsltSecurityOption all[] = {XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
                                             XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK};
    xsltSecurityPrefsPtr rules = xsltNewSecurityPrefs();

    for (size_t i = 0; rules && i < sizeof all / sizeof all[0]; i++)
        xsltSetSecurityPrefs(rules, all[i], xsltSecurityForbid);
    return rules;
}

static rs_status fail(struct rs_job *job, const struct transformation *t, rs_text place, const char *what)
{
    const xmlError *error = xmlGetLastError();
    rs_text message = rs_text_trim(rs_text_from(t->message[0] ? t->message : error && error->message ? error->message : ""));

    return rs_fail(job, RENDER_FAILED, "the style sheet %.*s %s%s%.*s", RS_TEXT_ARG(place), what, message.size ? ": " : "",
                   RS_TEXT_ARG(message));
}

static rs_status apply(struct rs_job *job, struct transformation *t, rs_text place, rs_text style_sheet, rs_text document)
{
    xmlDocPtr parsed = xmlReadMemory(style_sheet.bytes, (int)style_sheet.size, "style-sheet.xslt", NULL, PARSE_OPTIONS);

    if (!parsed)
        return fail(job, t, place, "is not well-formed");
    t->style_sheet = xsltParseStylesheetDoc(parsed);
    if (!t->style_sheet) {
        xmlFreeDoc(parsed);
        return fail(job, t, place, "is no style sheet");
    }
    if (t->style_sheet->errors > 0)
        return fail(job, t, place, "has errors");
    t->document = xmlReadMemory(document.bytes, (int)document.size, "report.xml", NULL, PARSE_OPTIONS | XML_PARSE_HUGE);
    t->context = t->document ? xsltNewTransformContext(t->style_sheet, t->document) : NULL;
    if (!t->context || xsltSetCtxtSecurityPrefs(t->rules, t->context) != 0)
        return fail(job, t, place, "cannot be applied");
    xsltSetTransformErrorFunc(t->context, t, complain);
    t->context->maxTemplateDepth = DEPTH_MAX;
    t->context->opLimit = STEPS_MAX;
    t->result = xsltApplyStylesheetUser(t->style_sheet, t->document, NULL, NULL, NULL, t->context);
    if (!t->result || t->context->state != XSLT_STATE_OK)
        return fail(job, t, place, "failed");
    if (xsltSaveResultToString(&t->bytes, &t->size, t->result, t->style_sheet) != 0)
        return fail(job, t, place, "made a result that cannot be written");
    return RS_OK;
}

rs_status xml_transform(struct rs_job *job, struct compute_run *run, rs_text place, rs_text *document)
{
    struct transformation t = {0};
    rs_text style_sheet;
    rs_status status = compute_external(job, run, place, &style_sheet);

    if (status == RS_UNSUPPORTED) { /* made-up rows: nothing outside the report is looked at */
        rs_job_forgive(job);
        return RS_OK;
    }
    RS_TRY(status);
    if (style_sheet.size > STYLE_SHEET_MAX || document->size > INT32_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "the style sheet %.*s has %zu bytes, the document %zu; more than can be transformed",
                       RS_TEXT_ARG(place), style_sheet.size, document->size);
    t.rules = forbid();
    xmlResetLastError();
    xsltSetGenericErrorFunc(&t, complain);
    xsltSetDefaultSecurityPrefs(t.rules); /* of xsl:import and xsl:include, which are read before there is a context */
    status = t.rules ? apply(job, &t, place, style_sheet, *document) : rs_fail(job, RS_NO_MEMORY, "no memory for a style sheet");
    xsltSetDefaultSecurityPrefs(NULL);
    xsltSetGenericErrorFunc(NULL, NULL);
    if (status == RS_OK)
        *document = rs_text_copy(job, rs_text_of((const char *)t.bytes, (size_t)t.size));
    finish(&t);
    return status == RS_OK ? rs_job_checkpoint(job) : status;
}
