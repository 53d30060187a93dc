/* service/configure/configure.h - the operations of the configuration API: one call, one table behind it.
 *
 * The server answers the API with it, and the command calls it itself on an instance whose server does not run. So an
 * operation is written once, and does the same either way.
 *
 *   operation                      arguments                                         gives
 *   ListReservedUrls                                                                 reservations[]
 *   ReserveURL                     Application UrlString [Account] [DryRun]          steps[] warnings[] checks[]
 *   RemoveURL                      Application UrlString [DryRun]                    steps[] warnings[]
 *   SetVirtualDirectory            Application VirtualDirectory [DryRun]             steps[] warnings[]
 *   ListSSLCertificates                                                              certificates[] broken[]
 *   ListSSLCertificateBindings                                                       bindings[]
 *   CreateSSLCertificateBinding    Application CertificateHash IPAddress Port [Host] [Replace] [DryRun]
 *                                                                                    steps[] warnings[] checks[]
 *   CreateSSLCertificateBindings   Application Rows[]{Host CertificateHash} IPAddress Port [Replace] [DryRun]
 *                                                                                    steps[] warnings[] checks[]
 *   RemoveSSLCertificateBindings   Application IPAddress Port [Host] [CertificateHash] [DryRun]
 *                                                                                    steps[] warnings[]
 *   ListApplications                                                                 applications[]
 *   AddApplication                 Application Target [DryRun]                       steps[] warnings[] checks[]
 *   AddReportServer                Instance Target WebServiceDirectory PortalDirectory [DryRun]
 *                                                                                    steps[] warnings[] checks[]
 *   RemoveApplication              Application [Force] [DryRun]                      steps[] warnings[]
 *   ExplainBinding                 [Sni] [IPAddress] [Port]                          tried[] binding certificates[] checks[]
 *   SetBindingPolicy               Row Settings{} [DryRun]                           steps[] warnings[] checks[]
 *   SetApplicationPolicy           Application Settings{} [DryRun]                   steps[] warnings[]
 *   ListPolicy                     [Row] [Application]                               settings[]
 *   ListIPAddresses                                                                  addresses[]
 *   CreateCertificate              Hosts[] [KeyType] [Days] [Name]                   thumbprint sha256 files
 *   ShowCertificate                Thumbprint                                        one of certificates[]
 *   ImportCertificate              Files[] FileNames[] [Password] [Name] [DryRun]    certificates[] steps[] warnings[]
 *   ExportCertificate              Thumbprint [Format] [PrivateKey] [Password]       content
 *   RequestCertificate             Hosts[] [KeyType] [Name] [Organisation] [DryRun]  request files steps[]
 *   RemoveCertificate              Thumbprint [Force] [DryRun]                       steps[] warnings[]
 *   ListCertificateSlots                                                             slots[]
 *   SetCertificateSlot             Slot CertificateHash [Force] [DryRun]             steps[] warnings[] checks[]
 *   RemoveCertificateSlot          Slot [Force] [DryRun]                             steps[] warnings[]
 *   ListWatchedFolders                                                               watched[] folders[]
 *   WatchFolder                    Path [Slot] [DryRun]                              steps[] warnings[] folders[] moved[]
 *   UnwatchFolder                  Path [DryRun]                                     steps[] warnings[]
 *   ScanWatchedFolders                                                               folders[] moved[]
 *   RenewCertificate               Thumbprint [DryRun]                               thumbprint steps[] warnings[] checks[]
 *   RegisterAcmeAccount            Directory [Contacts[]] [CaFile] [Agree] [ExternalId] [ExternalKey] [DryRun]
 *                                                                                    asked_ms running steps[] warnings[]
 *   IssueAcmeCertificate           Slot Hosts[] [Challenge] [KeyType] [DryRun]       asked_ms running steps[] warnings[]
 *   RenewAcmeCertificate           Slot [Revoke] [DryRun]                            asked_ms running steps[] warnings[]
 *   RemoveAcmeCertificate          Slot [DryRun]                                     steps[] warnings[]
 *   ListAcmeCertificates                                                             account, certificates[]
 *   VerifyBindings                 [Application]                                     ok checks[]
 *   ExplainUrl                     Url [Address]                                     outcome, reservation, considered[],
 *                                                                                    binding, checks[]
 *   UndoChange                     [Revision] [DryRun]                               steps[] warnings[] checks[]
 *   ListHistory                    [Limit]                                           events[]
 *   Doctor                         [Mend]                                            ok errors warnings findings[]
 *   CreateApiToken                 Name [Days]                                       name token expires
 *   ListApiTokens                                                                    tokens[]
 *   RevokeApiToken                 Name                                              name
 *   GetMetrics                                                                       text
 *   GetServiceState                                                                  running processes[] front missing[]
 *   GetReportServerUrls                                                              urls[] ApplicationName[] URLs[] Length
 *   GetConfigurationSetting                                                          one member per property
 *   SetSecureConnectionLevel       Level [DryRun]                                    steps[] warnings[]
 *   SetServiceState                [EnableWindowsService] [EnableWebService] [EnableReportManager] [DryRun]
 *                                                                                    steps[] warnings[]
 *   SetDatabaseConnection          DatabaseName [Server] [CredentialsType] [UserName] [Password] [DryRun]
 *                                                                                    steps[] warnings[]
 *   SetDatabaseQueryTimeout        QueryTimeout [DryRun]                             steps[] warnings[]
 *   GenerateDatabaseCreationScript [DatabaseName] [IsSharePointMode]                 Script
 *   GenerateDatabaseUpgradeScript  [DatabaseName] [ServerVersion]                    Script
 *   GetDatabaseVersionDisplayName  Version                                           DisplayName
 *   SetWindowsServiceIdentity      Account [UseBuiltInAccount] [Password] [DryRun]   steps[] warnings[] drop_in
 *   ExportNodeProfile              Password [MakeKeys]                               Profile about warnings[]
 *   CompareNodeProfile             Profile Password                                  same differences[]
 *   ApplyNodeProfile               Profile Password [DryRun]                         steps[] warnings[]
 *   SetEmailConfiguration          SMTPServer SenderEmailAddress [SMTPServerPort] [SMTPUseSSL] [SendUsingSMTPServer] [DryRun]
 *                                                                                    steps[] warnings[]
 *   SetAuthenticatedEmailConfiguration  the same, and UserName Password Authentication
 *                                                                                    steps[] warnings[]
 *   SetUnattendedExecutionAccount  UserName Password [DryRun]                        steps[] warnings[]
 *   RemoveUnattendedExecutionAccount  [DryRun]                                       steps[] warnings[]
 *   GetDatabaseState                                                                 DatabaseName schema items accounts bytes ok
 *   CreateDatabase                 DatabaseName [DryRun]                             steps[] warnings[]
 *   UpgradeDatabase                [DatabaseName] [DryRun]                           steps[] warnings[]
 *   BackupEncryptionKey            Password                                          KeyFile Length
 *   RestoreEncryptionKey           KeyFile Password [DryRun]                         steps[] warnings[]
 *   ReencryptSecureInformation     [DryRun]                                          steps[] warnings[]
 *   DeleteEncryptedInformation     [DryRun]                                          steps[] warnings[]
 *   DeleteEncryptionKey            InstallationID [Force] [DryRun]                   steps[] warnings[]
 *   InitializeReportServer         InstallationID                                    steps[] warnings[]
 *   ListReportServersInDatabase                                                      MachineNames[] InstanceNames[]
 *                                                                                    InstallationIDs[] IsInitialized[] Length
 *   SetExtendedProtectionSettings  ExtendedProtectionLevel ExtendedProtectionScenario [DryRun]
 *                                                                                    steps[] warnings[]
 *   SetUrlRoot                     UrlRoot [DryRun]                                  steps[] warnings[]
 *   ListDrift                                                                        state message lines[] rows[]
 *   ApplyConfigurationFile         [Discard] [DryRun]                                steps[] warnings[] checks[] lines[]
 *   ImportConfiguration            Files[] Contents[] [Certificates[]] [Addresses[]] [SkipMissing] [DryRun]
 *                                                                                    items[] certificates[] steps[] warnings[]
 *
 * Files[] and content are base64. Format is "pem" or "pkcs12".
 *
 * Names and arguments are those of the original's provider (MSReportServer_ConfigurationSetting) where it has the
 * operation. `Application` of a binding is a name or an array of names: several applications move to a certificate in one
 * change; so is `CertificateHash`: a row can show one certificate of each kind of key; `Host` is a name of SNI; `Replace` moves whoever else claims the row too. Changes also give changed, dry_run, what and revision; asking
 * for what is already so is no error, and no change.
 * `Settings` maps names to texts, or to null for the default; a row is written as in net/tables/place.h.
 * Members of results:
 *   reservations[]  url url_string application directory account created created_by
 *   bindings[]      days_left (of the certificate that ends first) row address port host thumbprint sha256 certificates[] generation applications[] usable reasons[]
 *   tried[]         row there won
 *   applications[]  application kind directory target urls[] rows[], and of those elsewhere reachable [message]
 *   settings[]      of name value set default range help
 *   certificates[]  thumbprint sha256 subject names[] issuer not_before not_after days_left key_type file usable
 *                   bound_to[] reasons[]{code severity message} [revocation{state responder must_staple stapled
 *                   this_update next_update revoked_at reason error failures asked next_try}]
 *   slots[]         slot thumbprint sha256 source changed usable not_after days_left rows[]
 *   folders[]       folder slot thumbprint not_after held message: what is there, and why it is not taken over
 *   requests[]      name subject names[] file key_file: of ListSSLCertificates, those without an answer yet
 *   checks[]        stage ("key" "validity" "usage" "names" "chain" "address" "port" "connect" "handshake" "certificate"
 *                   "route" "database") subject (what was looked at: a URL, an address) ok message, and where it is
 *                   not ok severity ("error" or "warning")
 *   findings[]      severity ("error" "warning" "note") code subject message mend can_mend mended [not_mended]
 *   items[]         source kind text outcome ("import" "same" "leave" "cannot") message; its certificates[] have thumbprint
 *                   instead place in_store usable subject. With DryRun `blocked` tells what is in the way of the import
 *   rows[]          sign ("+": only in rsreportserver.config, "-": only in the tables) line text wrong; lines[]: the same in
 *                   words. state is "in step", "behind", "edited" or "unreadable"
 *
 * Source:  WMI provider library reference, MSReportServer_ConfigurationSetting.
 */
#ifndef SERVICE_CONFIGURE_CONFIGURE_H
#define SERVICE_CONFIGURE_CONFIGURE_H

#include <jansson.h>

#include "base/job.h"
#include "net/pki/keys.h"

struct pki_store;
struct tables_db;
struct tables_snapshot;

/* The key of stored passwords and what is sealed with it: service/ops stands above and does it, the daemon fills this. */
struct configure_key_state {
    rs_text check, problem;
    size_t sealed;
};
struct configure_keys {
    rs_status (*state)(struct rs_job *job, void *data, struct configure_key_state *out);
    rs_status (*bytes)(struct rs_job *job, void *data, rs_text *out);
    rs_status (*restore)(struct rs_job *job, void *data, rs_text bytes, bool dry_run, bool *changed);
    rs_status (*rotate)(struct rs_job *job, void *data, bool dry_run, size_t *count);
    rs_status (*remove)(struct rs_job *job, void *data, bool contents, bool force, bool dry_run, size_t *count);
    rs_status (*set_secret)(struct rs_job *job, void *data, rs_text name, rs_text text);
    rs_status (*secret)(struct rs_job *job, void *data, rs_text name, rs_text *out);
};

struct configure_instance {
    struct tables_db *db;
    struct pki_store *store;
    rs_text certificate_folder; /* where new certificates go */
    rs_text folder;             /* of the instance; empty: its files are not looked at */
    rs_text acme_folder;        /* what was asked of ACME servers */
    rs_text ocsp_folder;        /* what authorities say of certificates; empty: nothing is known */
    /* That has changed: whoever asks them looks now. NULL: no server runs. */
    void (*wake_renewals)(void *data);
    /* Serve this revision from now on, or fail and go on with the old one. NULL: no server runs. */
    rs_status (*apply_live)(struct rs_job *job, void *data, struct tables_snapshot *snapshot);
    /* Serve again what was served before a change that is taken back, now or as soon as that is possible. With apply_live. */
    rs_status (*go_back_live)(struct rs_job *job, void *data, struct tables_snapshot *snapshot);
    /* Show the revision in rsreportserver.config, after each change that was committed; a failure becomes a warning of
     * the change, which stands. What was edited there by hand is not written over: RS_CONFLICT. May be NULL. */
    rs_status (*represent)(struct rs_job *job, void *data, struct tables_snapshot *snapshot);
    /* The same, over whatever stands there. May be NULL where `represent` is. */
    rs_status (*represent_over)(struct rs_job *job, void *data, struct tables_snapshot *snapshot);
    /* Whether the file shows `snapshot`, or what was before it: fails with RS_CONFLICT and both ways out where it was edited
     * by hand. Asked before each change. May be NULL. */
    rs_status (*may_represent)(struct rs_job *job, void *data, struct tables_snapshot *snapshot);
    /* The bytes of rsreportserver.config, and others in their place (the rows of URLs and bindings as they stand there now).
     * May be NULL: there is none. */
    rs_status (*read_config)(struct rs_job *job, void *data, rs_text *out);
    rs_status (*replace_config)(struct rs_job *job, void *data, rs_text bytes);
    /* What only a running server knows: processes, listeners that are missing, counters of the front; `*out` is the
     * caller's. NULL: no server runs. */
    rs_status (*live_state)(struct rs_job *job, void *data, json_t **out);
    /* Have the running server take the settings of rsreportserver.config over. NULL: no server runs. */
    rs_status (*reload)(struct rs_job *job, void *data);
    /* Whether the settings in the bytes of a rsreportserver.config are good; whether there is a setting of this path. May be
     * NULL. */
    rs_status (*check_config)(struct rs_job *job, rs_text bytes);
    bool (*knows_setting)(rs_text path);
    /* Whether the report server database answers: the last stage of VerifyBindings. May be NULL. */
    rs_status (*database_ready)(struct rs_job *job, void *data);
    const struct configure_keys *secrets; /* NULL: there is no report server database */
    void *data;
};

/* Changes that are made together: each is checked, shown live and verified by itself, and taken back by itself where that
 * fails, with an answer and a line of the history of its own; they wait for the disk once, and the handshakes that verify them go
 * on beside each other. */
struct configure_group;

struct configure_caller {
    rs_text who;  /* "root": for the history */
    rs_text tool; /* "bindery tls bind" */
    bool automatic; /* nobody waits for the answer (a renewal): made even where rsreportserver.config was edited by hand,
                     * which then does not show it until that is settled */
    struct configure_group *group; /* that the call is made in; NULL: by itself */
};

/* Whether calls of this operation may be made in a group: quick changes of rows. */
bool configure_may_group(rs_text operation);
/* Until the group ends, no other calls than with it. `careful`: each handshake is over before the next change. Fails with
 * TABLES_DB_BUSY where another process is changing something. */
RS_CHECKED rs_status configure_group_begin(struct rs_job *job, const struct configure_instance *instance, bool careful,
                                           struct configure_group **out);
/* Make what was changed in it last. On failure nothing of it has happened, and whatever its calls answered is void; the server
 * shows the rows from before again. Ends the group in both cases. Jobs and results of its calls must still be there: results may be
 * given a warning. `*again`, where it fails: some row was not shown as it should be. The same calls in a careful group find out
 * which. */
RS_CHECKED rs_status configure_group_end(struct rs_job *job, struct configure_group *group, bool *again);

/* A certificate with its key, in PEM, that came for a slot: into the store, and every row that follows the slot moves. */
RS_CHECKED rs_status configure_take(struct rs_job *job, const struct configure_instance *instance,
                                    const struct configure_caller *caller, rs_text slot, rs_text sha256, rs_text chain,
                                    rs_text key);

/* Run one operation. `arguments` is a JSON object, borrowed; `*out` is one too, the caller's to json_decref.
 *
 * Fails with RS_NOT_FOUND (no such operation, row or certificate), RS_INVALID (an argument), RS_CONFLICT (another
 * application claims it), or with what the check, the live server or the disk says. */
RS_CHECKED rs_status configure_call(struct rs_job *job, const struct configure_instance *instance, rs_text operation,
                                    const json_t *arguments, const struct configure_caller *caller, json_t **out);

/* Whose token this is; `*out` is empty where it is nobody's, or has expired. Takes the same time for every wrong one. */
RS_CHECKED rs_status configure_token_holder(struct rs_job *job, const struct configure_instance *instance, rs_text token,
                                            rs_text *out);

/* The failure `status` of an operation as the original's provider would tell it: an HRESULT that stays the same; 0 for RS_OK.
 * Several statuses may share one. */
int32_t configure_hresult(rs_text operation, rs_status status);

/* Everything a manual says: operations[] with their arguments, absent[] ones of the original with why, hresults[]. Both are
 * the caller's to json_decref. */
json_t *configure_manual(void);
json_t *configure_hresults(void);

#endif
