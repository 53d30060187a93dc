"""What tests of stored credentials share: a web server that wants a password, a data source that reads from it, a report."""
import base64
import http.server
import threading

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition">
  <DataSources><DataSource Name="S"><DataSourceReference>Source</DataSourceReference></DataSource></DataSources>
  <DataSets><DataSet Name="D"><Query><DataSourceName>S</DataSourceName>
    <CommandText>&lt;Query&gt;&lt;ElementPath&gt;Data{}/R{@N}&lt;/ElementPath&gt;&lt;/Query&gt;</CommandText></Query>
    <Fields><Field Name="N"><DataField>N</DataField></Field></Fields></DataSet></DataSets>
  <ReportSections><ReportSection><Body><ReportItems>
    <Tablix Name="T"><TablixBody><TablixColumns><TablixColumn><Width>1in</Width></TablixColumn></TablixColumns>
      <TablixRows><TablixRow><Height>0.25in</Height><TablixCells><TablixCell><CellContents><Textbox Name="N"><Paragraphs><Paragraph>
      <TextRuns><TextRun><Value>=Fields!N.Value</Value></TextRun></TextRuns></Paragraph></Paragraphs></Textbox></CellContents></TablixCell>
      </TablixCells></TablixRow></TablixRows></TablixBody>
      <TablixColumnHierarchy><TablixMembers><TablixMember/></TablixMembers></TablixColumnHierarchy>
      <TablixRowHierarchy><TablixMembers><TablixMember><Group Name="G"/></TablixMember></TablixMembers></TablixRowHierarchy>
      <DataSetName>D</DataSetName></Tablix></ReportItems><Height>1in</Height></Body><Width>2in</Width><Page/></ReportSection></ReportSections>
</Report>
"""


class Numbers:
    """`with Numbers() as server`: gives a document to whoever knows `user` and `password`; the others get 401."""

    def __init__(self, user="reader", password="the data's password"):
        wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.user, self.password, self.asked = user, password, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                given = self.headers.get("Authorization")
                outer.asked.append(given)
                known = given == wanted
                body = b'<Data><R N="41"/><R N="42"/></Data>' if known else b"who are you?"
                self.send_response(200 if known else 401)
                if not known:
                    self.send_header("WWW-Authenticate", 'Basic realm="numbers"')
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *rest):
        self.server.shutdown()
        self.server.server_close()

    def publish(self, instance, stored=True):
        """A data source and a report /Numbers on the instance; the user and password are stored with it, or not."""
        source, report = instance.folder / "Source.rds", instance.folder / "Numbers.rdl"
        source.write_text('<RptDataSource Name="Source"><ConnectionProperties><Extension>XML</Extension>'
                          f"<ConnectString>http://127.0.0.1:{self.port}/numbers.xml</ConnectString></ConnectionProperties></RptDataSource>")
        report.write_text(REPORT)
        secret = instance.folder / "data-password"
        secret.write_text(self.password + "\n")
        secret.chmod(0o600)
        words = ["--user", self.user, "--password-file", secret] if stored else []
        instance.bindery("report", "publish", source, report, *words)

    def reads(self, instance):
        """Whether the report gets its rows."""
        answer = instance.render("/Numbers", "CSV")
        return answer.status == 200 and "42" in answer.text
