Function F(n)
  If n <= 1
    Return 1
  Else If n = 2 Then
    Return 2
  Else
    Return n * F(n - 1)
  EndIf
End Function
Dim x As Integer = F(5)
Dim t(2, 3) As Double
Function G(s As String) As String
  Return Report.Parameters!One.Value & Choose(2, Split(s, ",")) & Me.x
End Function
