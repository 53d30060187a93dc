/* Style, in both shapes: Border and its sides since 2008; BorderColor, BorderStyle and BorderWidth before. */
#include "report/rdl/reader.h"

#define STYLE(name, member) EXPR(name, struct rdl_style, member)

static const struct row border_rows[] = {
    EXPR("Color", struct rdl_border, color), EXPR("Style", struct rdl_border, style),
    EXPR("Width", struct rdl_border, width), END,
};

static rs_status read_border(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, border_rows);
}

#define OLD_BORDER_ROWS(part)                                                                  \
    {                                                                                          \
        STYLE("Default", border.part), STYLE("Left", sides[RDL_LEFT].part), STYLE("Right", sides[RDL_RIGHT].part),   \
            STYLE("Top", sides[RDL_TOP].part), STYLE("Bottom", sides[RDL_BOTTOM].part), END,   \
    }
static const struct row old_color_rows[] = OLD_BORDER_ROWS(color);
static const struct row old_style_rows[] = OLD_BORDER_ROWS(style);
static const struct row old_width_rows[] = OLD_BORDER_ROWS(width);

static rs_status read_old_color(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, old_color_rows);
}

static rs_status read_old_style(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, old_style_rows);
}

static rs_status read_old_width(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, old_width_rows);
}

static const struct row background_image_rows[] = {
    EXPR("Source", struct rdl_background_image, source), EXPR("Value", struct rdl_background_image, value),
    EXPR("MIMEType", struct rdl_background_image, mime_type),
    EXPR("BackgroundRepeat", struct rdl_background_image, repeat),
    EXPR("Position", struct rdl_background_image, position), SKIP("TransparentColor"), END,
};

static rs_status read_background_image(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_background_image *image = object;

    image->present = true;
    return reader_one(r, node, image, background_image_rows);
}

static const struct row style_rows[] = {
    CALL("Border", struct rdl_style, border, read_border),
    CALL("LeftBorder", struct rdl_style, sides[RDL_LEFT], read_border),
    CALL("RightBorder", struct rdl_style, sides[RDL_RIGHT], read_border),
    CALL("TopBorder", struct rdl_style, sides[RDL_TOP], read_border),
    CALL("BottomBorder", struct rdl_style, sides[RDL_BOTTOM], read_border),
    CALL_ON("BorderColor", read_old_color),
    CALL_ON("BorderStyle", read_old_style),
    CALL_ON("BorderWidth", read_old_width),
    STYLE("BackgroundColor", background_color),
    STYLE("BackgroundGradientType", background_gradient_type),
    STYLE("BackgroundGradientEndColor", background_gradient_end_color),
    CALL("BackgroundImage", struct rdl_style, background_image, read_background_image),
    STYLE("FontStyle", font_style),
    STYLE("FontFamily", font_family),
    STYLE("FontSize", font_size),
    STYLE("FontWeight", font_weight),
    STYLE("TextDecoration", text_decoration),
    STYLE("Color", color),
    STYLE("Format", format),
    STYLE("TextAlign", text_align),
    STYLE("VerticalAlign", vertical_align),
    STYLE("LineHeight", line_height),
    STYLE("Direction", direction),
    STYLE("WritingMode", writing_mode),
    STYLE("UnicodeBiDi", unicode_bidi),
    STYLE("PaddingLeft", padding[RDL_LEFT]),
    STYLE("PaddingRight", padding[RDL_RIGHT]),
    STYLE("PaddingTop", padding[RDL_TOP]),
    STYLE("PaddingBottom", padding[RDL_BOTTOM]),
    STYLE("Language", language),
    STYLE("Calendar", calendar),
    STYLE("NumeralLanguage", numeral_language),
    EXPR_TYPED("NumeralVariant", struct rdl_style, numeral_variant, RDL_INTEGER),
    SKIP("BackgroundHatchType"), SKIP("TextEffect"), SKIP("ShadowColor"), SKIP("ShadowOffset"), SKIP("CurrencyLanguage"),
    END,
};

rs_status read_style(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, style_rows);
}

static void move(struct rdl_expr *to, struct rdl_expr *from)
{
    *to = *from;
    *from = (struct rdl_expr){0};
}

/* A text box of 2005 has one style; since 2008 what concerns text stands on its paragraph and its run. */
void style_split_text(struct rdl_style *item, struct rdl_style *paragraph, struct rdl_style *run)
{
    move(&run->font_style, &item->font_style);
    move(&run->font_family, &item->font_family);
    move(&run->font_size, &item->font_size);
    move(&run->font_weight, &item->font_weight);
    move(&run->text_decoration, &item->text_decoration);
    move(&run->color, &item->color);
    move(&run->format, &item->format);
    move(&run->language, &item->language);
    move(&run->calendar, &item->calendar);
    move(&run->numeral_language, &item->numeral_language);
    move(&run->numeral_variant, &item->numeral_variant);
    move(&paragraph->text_align, &item->text_align);
    move(&paragraph->line_height, &item->line_height);
}
