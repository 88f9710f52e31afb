using System.CommandLine;
using System.CommandLine.Invocation;
using Runtime.Hardening.Cli;
using Runtime.Hardening.Cli.Commands;
using Runtime.Hardening.Cli.Commands.Seccomp;

RootCommand root = RootHelp.CreateRoot();
PolicyCommands.Add(root);
SeccompCommands.Add(root);
AppArmorCommands.Add(root);
NodeCommands.Add(root);
EngineCommands.Add(root);
CompletionCommand.Add(root);
StrayOptions.Refuse(root);

ParseResult parsed = root.Parse(args);
int exit = parsed.Invoke();

// A wrong command line is "could not do it", which the library would call 1.
return parsed.Action is ParseErrorAction ? (int)CliExit.Failed : exit;
