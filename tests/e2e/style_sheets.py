#!/usr/bin/env python3
"""The XML renderer's style sheets: what they make, and what they may not do. TAP."""
import os
import pathlib
import subprocess
import tempfile

from harness import BINDERY, run, test

REPORT = """<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition">{transform}<ReportSections>
<ReportSection><Body><ReportItems><Textbox Name="Total"><Paragraphs><Paragraph><TextRuns><TextRun><Value>=6*7</Value></TextRun>
</TextRuns></Paragraph></Paragraphs></Textbox></ReportItems><Height>1in</Height></Body><Width>3in</Width><Page/></ReportSection>
</ReportSections></Report>"""
SHEET = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:r="Answer">{output}
{body}</xsl:stylesheet>"""


def render(sheet=None, own=None, *options):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "secret.xml").write_text("<secret>hidden</secret>")
        for name, text in (("given.xslt", sheet), ("own.xslt", own)):
            if text is not None:
                (folder / name).write_text(text)
        (folder / "Answer.rdl").write_text(REPORT.format(transform="<DataTransform>own.xslt</DataTransform>" if own else ""))
        words = ["--device-info", "XSLT=given.xslt"] if sheet is not None else []
        done = subprocess.run([BINDERY, "report", "render", folder / "Answer.rdl", "--format", "XML", "-o", folder / "out",
                               *words, *options], capture_output=True, text=True, timeout=60)
        assert "hidden" not in done.stderr
        return done, (folder / "out").read_text() if done.returncode == 0 else None


def sheet(body, output='<xsl:output method="text"/>'):
    return SHEET.format(output=output, body=body)


NUMBER = sheet('<xsl:template match="/">total <xsl:value-of select="r:Report/@Total"/></xsl:template>')


@test
def a_style_sheet_makes_something_else_of_the_data():
    done, out = render(NUMBER)
    assert out == "total 42", (done.stderr, out)


@test
def the_reports_own_goes_before_that_of_the_request():
    own = sheet('<xsl:template match="/"><x><xsl:value-of select="r:Report/@Total"/></x></xsl:template>', "")
    done, out = render(None, own)
    assert ">42</x>" in out, (done.stderr, out)
    done, out = render(sheet('<xsl:template match="/x">[<xsl:value-of select="."/>]</xsl:template>'), own)
    assert out == "[42]", (done.stderr, out)


@test
def a_style_sheet_that_is_none_is_named():
    for bad, why in [("<a", "not well-formed"), ("<a/>", "no style sheet"), (sheet('<xsl:template match="["/>'), "given.xslt"),
                     (sheet('<xsl:template match="/"><xsl:message terminate="yes">stop here</xsl:message></xsl:template>'), "failed")]:
        done, _ = render(bad)
        assert done.returncode == 1 and "given.xslt" in done.stderr and why in done.stderr, (bad, done)
    done, _ = render(None, None, "--device-info", "XSLT=absent.xslt")
    assert done.returncode != 0 and "absent.xslt" in done.stderr, done


@test
def it_reads_and_writes_nothing_outside():
    for body in ('<xsl:template match="/"><xsl:copy-of select="document(\'secret.xml\')"/></xsl:template>',
                 '<xsl:template match="/"><xsl:copy-of select="document(\'/etc/passwd\')"/></xsl:template>'):
        done, out = render(sheet(body, ""))
        assert out is None or ("hidden" not in out and "root:" not in out), out
    for body in ('<xsl:import href="secret.xml"/>', '<xsl:include href="secret.xml"/>'):
        done, out = render(sheet(body + '<xsl:template match="/">x</xsl:template>', ""))
        assert out is None or "hidden" not in out, out
    marker = f"/tmp/style-sheet-{os.getpid()}"
    body = (f'<xsl:template match="/"><exsl:document href="{marker}" xmlns:exsl="http://exslt.org/common" '
            'xsl:extension-element-prefixes="exsl">x</exsl:document></xsl:template>')
    render(sheet(body, ""))
    assert not os.path.exists(marker)
    entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "secret.xml">]>' + sheet('<xsl:template match="/">&e;</xsl:template>')
    done, out = render(entity)
    assert out is None or "hidden" not in out, out


@test
def one_that_does_not_end_is_stopped():
    done, _ = render(sheet('<xsl:template match="/"><xsl:call-template name="a"/></xsl:template>'
                           '<xsl:template name="a"><xsl:call-template name="a"/></xsl:template>'))
    assert done.returncode == 1, done
    loop = ('<xsl:template match="/"><xsl:call-template name="a"><xsl:with-param name="n" select="0"/></xsl:call-template></xsl:template>'
            '<xsl:template name="a"><xsl:param name="n"/>' + '<xsl:if test="$n &lt; 400"><xsl:call-template name="a"><xsl:with-param '
            'name="n" select="$n + 1"/></xsl:call-template></xsl:if>' * 2 + "</xsl:template>")
    done, _ = render(sheet(loop))
    assert done.returncode == 1, done


run()
