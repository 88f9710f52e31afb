using System.CommandLine;
using Runtime.Hardening.Cli;
using Runtime.Hardening.Cli.Commands;
using Runtime.Hardening.Cli.Commands.Seccomp;

StandardStreams.Use();
RootCommand root = RootHelp.CreateRoot();
PolicyCommands.Add(root);
SeccompCommands.Add(root);
AppArmorCommands.Add(root);
NodeCommands.Add(root);
EngineCommands.Add(root);
CompletionCommand.Add(root);
StrayOptions.Refuse(root);
EmptyValues.Refuse(root);

return CommandGuard.Guard(() => CommandGuard.Invoke(root.Parse(args)));
